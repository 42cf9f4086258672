package dev.tally.request;

import dev.tally.message.MessageId;
import dev.tally.reply.StoredReply;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataAccessException;

/**
 * One request with a key, and its reply.
 *
 * <ol>
 *   <li>The request's fingerprint is taken; nothing is locked while a slow client sends its body.
 *   <li>A request with the same key that this process handles is a conflict at once; one that another process handles is
 *       waited for a little, by its row in the inbox.
 *   <li>A transaction begins, and the key goes into the inbox. If it is there, the reply that is kept is sent, or a problem
 *       if that was another request.
 *   <li>Else the handler runs in that transaction, and its response is held back.
 *   <li>If the handler went well, its reply is kept, and the commit makes all of it stand. Otherwise all is taken back.
 *       That is done as soon as the handler's view is rendered, when what surrounding interceptors have bound to the thread,
 *       such as an {@code EntityManager}, is still there for what works at the commit.
 *   <li>Only when everything within the filter has returned, the client gets the reply, or what says that it failed.
 * </ol>
 *
 * <p>For one thread and one use.
 */
final class IdempotentExchange {

    static final String GROUP = "tally-http";
    private static final int ERRORS = 500;
    private static final int MAX_CONTENT_TYPE = 255;

    private final RequestParts parts;
    private final Set<MessageId> inProcess;
    private final RequestReport report;
    private final RepeatableRequest request;
    private final CapturedResponse response;
    private final RequestTransaction transaction;

    private @Nullable MessageId id;
    private String fingerprint = "";
    private String operation = "";
    private Instant begin = Instant.EPOCH;
    private boolean handled;
    private boolean holdsKey;
    private @Nullable Throwable failure;

    /** @param inProcess the keys of requests that this process handles, shared and thread-safe */
    IdempotentExchange(
            RequestParts parts, Set<MessageId> inProcess, HttpServletRequest request, HttpServletResponse response) {
        this.parts = parts;
        this.inProcess = inProcess;
        this.report = new RequestReport(parts.listener(), GROUP);
        this.request = new RepeatableRequest(request);
        this.response = new CapturedResponse(response, parts.largestBody());
        this.transaction = new RequestTransaction(parts.transactions());
    }

    HttpServletRequest request() {
        return request;
    }

    HttpServletResponse response() {
        return response;
    }

    /** Whether the handler is to run; otherwise the reply is written. */
    boolean begin(String pattern, @Nullable String scope, String key) throws IOException, ServletException {
        if (id != null) {
            throw new IllegalStateException("Cannot handle " + request.getMethod() + " " + pattern + " within "
                    + operation + ": both have an idempotency key, and one request has one; everything is taken back."
                    + " Forward to a handler without @IdempotentRequest");
        }
        operation = request.getMethod() + " " + pattern;
        String taken = request.fingerprint(parts.largestBody());
        if (taken == null) {
            return problem(
                    RequestProblem.BODY_TOO_LARGE,
                    "The body has more than " + parts.largestBody()
                            + " bytes, which a request with an idempotency key must not have; nothing was done");
        }
        fingerprint = taken;
        MessageId wanted = RequestKey.idOf(request.getMethod(), pattern, scope, key);
        if (!inProcess.add(wanted)) {
            return inProcess(key);
        }
        id = wanted;
        holdsKey = true;
        begin = parts.clock().instant();
        return insert(wanted, key);
    }

    private boolean insert(MessageId wanted, String key) throws IOException {
        StoredReply reply;
        try {
            transaction.begin(operation);
            if (!parts.lockWait()
                    .runFirst(parts.jdbc(), () -> parts.inbox().insertNew(GROUP, List.of(wanted)))
                    .isEmpty()) {
                response.capture();
                return true;
            }
            reply = parts.replies().find(GROUP, wanted);
        } catch (RuntimeException e) {
            // At once: nothing is told of the end of a request whose handler was not to be called.
            transaction.takeBack(e);
            freeKey();
            if (e instanceof DataAccessException found
                    && (parts.lockWait().isReachedIn(found) || e instanceof ConcurrencyFailureException)) {
                return inProcess(key);
            }
            report.takenBack(operation, wanted, took(), RequestReport.reasonOf(e));
            throw e;
        }
        transaction.takeBack(null);
        freeKey();
        report.duplicate(operation, wanted);
        return answerAgain(reply, key);
    }

    private boolean answerAgain(@Nullable StoredReply reply, String key) throws IOException {
        if (reply == null) {
            return problem(
                    RequestProblem.REPLY_GONE,
                    "A request with the key '" + key + "' was handled, and its reply is not kept any more; nothing was"
                            + " done. Use another key for another request");
        }
        if (!fingerprint.equals(reply.fingerprint())) {
            return problem(
                    RequestProblem.KEY_REUSED,
                    "The key '" + key + "' was used for a request with another path, query or body; nothing was done."
                            + " Use another key for another request");
        }
        response.setStatus(reply.status());
        if (reply.contentType() != null) {
            response.setContentType(reply.contentType());
        }
        ReplyHeaders.set(parts.mapper(), reply.headers(), response);
        response.setHeader("Idempotency-Replayed", "true");
        if (reply.body().length > 0) {
            response.setContentLength(reply.body().length);
            response.getOutputStream().write(reply.body());
        }
        return false;
    }

    private boolean inProcess(String key) throws IOException {
        return problem(
                RequestProblem.IN_PROCESS,
                "A request with the key '" + key + "' is being handled; nothing was done. Repeat it later");
    }

    private boolean problem(RequestProblem problem, String detail) throws IOException {
        problem.send(response, parts.mapper(), detail);
        return false;
    }

    /** The handler returned. */
    void handled() {
        handled = true;
    }

    /**
     * The handler and its view are done: commits or takes back, once. A failure is told by {@link #ended}, since nobody
     * listens to it here.
     *
     * @param thrown what left the handler or its view; {@code null} if nothing did, or it was made a reply
     */
    void settle(@Nullable Exception thrown) {
        if (!transaction.isRunning()) {
            return;
        }
        try {
            if (thrown == null) {
                commitOrTakeBack(Objects.requireNonNull(id));
            } else {
                failed(thrown);
            }
        } catch (RuntimeException | Error e) {
            failure = e;
            failed(e);
        } finally {
            freeKey();
        }
    }

    private void commitOrTakeBack(MessageId handledId) {
        String refusal = transaction.isRollbackOnly() ? "its transaction was marked for rollback" : refusal();
        if (refusal != null) {
            report.takenBack(operation, handledId, took(), refusal);
            transaction.takeBack(null);
            return;
        }
        parts.replies().put(GROUP, handledId, reply());
        try {
            transaction.commit();
        } finally {
            if (transaction.isCommitted()) {
                report.handled(operation, handledId, took());
            }
        }
    }

    /** Everything within the filter returned. */
    void ended() throws IOException {
        settle(null);
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        if (failure instanceof Error e) {
            throw e;
        }
        response.release();
    }

    /** Why the reply is none that stands; {@code null} if it is one. */
    private @Nullable String refusal() {
        if (request.isAsyncStarted()) {
            throw new IllegalStateException("Cannot handle " + operation + " with an idempotency key: it goes on"
                    + " asynchronously, after its transaction. Everything is taken back; let the handler answer before it"
                    + " returns");
        }
        if (!handled) {
            return "the handler failed, and its exception was answered with status " + response.getStatus();
        }
        response.requireComplete();
        if (response.isError()) {
            return "the handler asked for an error page";
        }
        return response.getStatus() >= ERRORS ? "the handler answered " + response.getStatus() : null;
    }

    private StoredReply reply() {
        String contentType = response.getContentType();
        return new StoredReply(
                fingerprint,
                response.getStatus(),
                contentType == null || contentType.length() > MAX_CONTENT_TYPE ? null : contentType,
                ReplyHeaders.kept(parts.mapper(), response.headersBefore(), response),
                response.body());
    }

    /**
     * Something within the filter, or the end itself, failed; the container makes the reply. What has been committed stands
     * nevertheless, and a repeated request gets the reply that is kept.
     */
    void failed(Throwable thrown) {
        if (id != null && transaction.isRunning()) {
            report.takenBack(operation, id, took(), RequestReport.reasonOf(thrown));
        }
        transaction.takeBack(thrown);
        response.discard();
    }

    /** To be called whatever happened. */
    void close() {
        transaction.takeBack(null);
        freeKey();
    }

    /** Before anything is sent: a client that has its reply may use the key again at once. */
    private void freeKey() {
        if (id != null && holdsKey) {
            holdsKey = false;
            inProcess.remove(id);
        }
    }

    private Duration took() {
        return Duration.between(begin, parts.clock().instant());
    }
}
