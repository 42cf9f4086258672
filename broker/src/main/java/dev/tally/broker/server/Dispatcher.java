package dev.tally.broker.server;

import dev.tally.broker.client.ClientCalls;
import dev.tally.broker.net.Connection;
import dev.tally.broker.net.ConnectionListener;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.IllegalMessageException;
import dev.tally.broker.protocol.MalformedCommandException;
import dev.tally.broker.protocol.RequestCode;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.request.RequestCounts;
import dev.tally.broker.request.RequestGate;
import dev.tally.broker.request.RequestHandler;
import dev.tally.broker.store.StoreRejectedException;
import dev.tally.broker.store.StoreUnavailableException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The table from code to handler. Every request that waits for an answer gets one, whatever the handler does. Nothing is
 * handled that the gate does not let pass.
 */
final class Dispatcher implements ConnectionListener {

    private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);

    private static final Set<Integer> SENDS =
            Set.of(RequestCode.SEND_MESSAGE, RequestCode.SEND_MESSAGE_V2, RequestCode.SEND_BATCH_MESSAGE);

    /** Requests that may be held until a message comes; nobody waits for them when the broker stops. */
    private static final Set<Integer> HELD = Set.of(
            RequestCode.PULL_MESSAGE, RequestCode.LITE_PULL_MESSAGE, RequestCode.POP_MESSAGE, RequestCode.NOTIFICATION);

    private final Map<Integer, RequestHandler> handlers;
    private final RequestGate gate;
    private final RequestCounts counts = new RequestCounts();
    private final AtomicInteger underWay = new AtomicInteger();
    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private volatile boolean stopping;
    private final StorageHealth storage;
    private final ClientCalls calls;
    private final Consumer<Connection> heard;
    private final Consumer<Connection> gone;

    /**
     * @param gate asked before a request is handled
     * @param storage told of what requests meet in the storage
     * @param calls told of responses
     * @param heard told of each frame, before it is handled
     * @param gone told of each connection that ended
     */
    Dispatcher(
            Map<Integer, RequestHandler> handlers,
            RequestGate gate,
            StorageHealth storage,
            ClientCalls calls,
            Consumer<Connection> heard,
            Consumer<Connection> gone) {
        this.handlers = Map.copyOf(handlers);
        this.gate = gate;
        this.storage = storage;
        this.calls = calls;
        this.heard = heard;
        this.gone = gone;
    }

    @Override
    public void received(Connection connection, Command command) {
        heard.accept(connection);
        if (command.response()) {
            if (!calls.answered(connection, command)) {
                // Too late, or to the question whether somebody is there: being heard was the answer.
                log.debug("Response dropped; code={} remote={}", command.code(), connection.remoteAddress());
            }
            return;
        }
        boolean waitedFor = !HELD.contains(command.code());
        if (waitedFor) {
            underWay.incrementAndGet();
        }
        if (stopping) {
            // Its connection is about to be closed: for the client it never arrived.
            ended(waitedFor);
            return;
        }
        var unused = checked(connection, command).handle((answer, failure) -> {
            Answer reply = failure == null ? taken(command, answer) : explain(connection, command, failure);
            counts.answered(handlers.containsKey(command.code()) ? command.code() : -1, reply.code());
            try {
                if (!command.oneWay()) {
                    send(connection, command, reply);
                }
            } finally {
                ended(waitedFor);
            }
            return reply;
        });
    }

    private void ended(boolean waitedFor) {
        if (waitedFor && underWay.decrementAndGet() == 0 && stopping) {
            drained.complete(null);
        }
    }

    /**
     * Takes no more requests.
     *
     * @return completes when those that were taken are answered, but for pulls that are held
     */
    CompletableFuture<Void> stop() {
        stopping = true;
        if (underWay.get() == 0) {
            drained.complete(null);
        }
        return drained;
    }

    RequestCounts counts() {
        return counts;
    }

    private CompletableFuture<Answer> checked(Connection connection, Command command) {
        if (gate == RequestGate.OPEN) {
            return answer(connection, command);
        }
        try {
            return gate.check(connection, command)
                    .thenCompose(refusal ->
                            refusal == null ? answer(connection, command) : CompletableFuture.completedFuture(refusal));
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public void closed(Connection connection) {
        gate.gone(connection);
        gone.accept(connection);
    }

    private CompletableFuture<Answer> answer(Connection connection, Command command) {
        RequestHandler handler = handlers.get(command.code());
        if (handler == null) {
            return CompletableFuture.completedFuture(Answer.refused(
                    ResponseCode.REQUEST_CODE_NOT_SUPPORTED,
                    "Request code " + command.code() + " is not supported by this broker"));
        }
        try {
            return handler.handle(connection, command);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private Answer taken(Command command, Answer answer) {
        if (answer.code() == ResponseCode.SUCCESS && SENDS.contains(command.code())) {
            storage.taken();
        }
        return answer;
    }

    private Answer explain(Connection connection, Command command, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof IllegalMessageException) {
            return Answer.refused(ResponseCode.MESSAGE_ILLEGAL, String.valueOf(cause.getMessage()));
        }
        if (cause instanceof MalformedCommandException) {
            return Answer.refused(ResponseCode.INVALID_PARAMETER, String.valueOf(cause.getMessage()));
        }
        if (cause instanceof RejectedExecutionException) {
            return Answer.refused(
                    ResponseCode.SYSTEM_BUSY, "The broker has too many reads waiting; try again in a moment");
        }
        if (cause instanceof StoreRejectedException rejected) {
            if (rejected.reason() == StoreRejectedException.Reason.DISK_FULL) {
                storage.refused(rejected);
            } else {
                log.warn("Storage refused; code={} reason={}", command.code(), rejected.reason());
            }
            return Answer.refused(codeOf(rejected.reason()), String.valueOf(rejected.getMessage()));
        }
        if (cause instanceof StoreUnavailableException unavailable) {
            storage.failed(unavailable);
            return Answer.refused(
                    ResponseCode.SERVICE_NOT_AVAILABLE,
                    "The outcome is unknown, the broker cannot write: " + cause.getMessage());
        }
        if (cause instanceof CancellationException) {
            // A held pull whose connection is gone: nobody reads the answer.
            log.debug("Request cancelled; code={} remote={}", command.code(), connection.remoteAddress());
            return Answer.refused(ResponseCode.SYSTEM_ERROR, "The request was cancelled: its connection closed");
        }
        log.error("Request failed; code={} remote={}", command.code(), connection.remoteAddress(), cause);
        return Answer.refused(ResponseCode.SYSTEM_ERROR, "Request failed in the broker: " + cause);
    }

    private static int codeOf(StoreRejectedException.Reason reason) {
        return switch (reason) {
            case QUEUE_FULL -> ResponseCode.SYSTEM_BUSY;
            case DISK_FULL, CLOSED -> ResponseCode.SERVICE_NOT_AVAILABLE;
            case TOO_LARGE, KEY_TAKEN -> ResponseCode.MESSAGE_ILLEGAL;
        };
    }

    private static void send(Connection connection, Command command, Answer reply) {
        try {
            connection.answer(command.answeredBy(reply));
        } catch (RejectedExecutionException e) {
            log.debug(
                    "Answer dropped, the server is closed; code={} remote={}",
                    command.code(),
                    connection.remoteAddress());
        }
    }
}
