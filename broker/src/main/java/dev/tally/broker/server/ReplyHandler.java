package dev.tally.broker.server;

import dev.tally.broker.client.ClientCalls;
import dev.tally.broker.client.Clients;
import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.PropertyNames;
import dev.tally.broker.protocol.PushReplyRequest;
import dev.tally.broker.protocol.RequestCode;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.protocol.SendRequest;
import dev.tally.broker.protocol.SendResponse;
import dev.tally.broker.request.RequestHandler;
import dev.tally.broker.request.ServerSettings;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A consumer replies to a request message.
 *
 * <ol>
 *   <li>Keep the reply in the reply topic, as any message. Where that is refused, so is the reply.
 *   <li>Meanwhile pass it on to the client that waits for it, over the connection of its heartbeats.
 *   <li>Answer when that client took it. What came of storing it changes nothing then: it has arrived.
 * </ol>
 */
final class ReplyHandler implements RequestHandler {

    private static final Logger log = LoggerFactory.getLogger(ReplyHandler.class);

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final RequestHandler store;
    private final ServerSettings settings;
    private final Clients clients;
    private final ClientCalls calls;
    private final InstantSource clock;

    /** @param store what handles a plain send */
    ReplyHandler(
            RequestHandler store, ServerSettings settings, Clients clients, ClientCalls calls, InstantSource clock) {
        this.store = store;
        this.settings = settings;
        this.clients = clients;
        this.calls = calls;
        this.clock = clock;
    }

    @Override
    public CompletableFuture<Answer> handle(Connection connection, Command request) {
        SendRequest reply = SendRequest.from(request);
        CompletableFuture<Answer> stored = store.handle(connection, request);
        if (stored.isDone() && !stored.isCompletedExceptionally() && !isSuccess(stored.join())) {
            return stored;
        }
        String requester = reply.properties().get(PropertyNames.REPLY_TO_CLIENT);
        if (requester == null) {
            return after(
                    stored,
                    "Cannot pass a reply on: its property " + PropertyNames.REPLY_TO_CLIENT
                            + ", which names the client that waits, is missing");
        }
        Connection waiting = clients.producerConnection(requester);
        if (waiting == null) {
            return after(stored, "Cannot pass a reply on: client " + requester + " that waits for it is not connected");
        }
        PushReplyRequest push =
                new PushReplyRequest(reply, connection.remoteAddress(), settings.storeHost(), clock.millis());
        return calls.call(
                        waiting,
                        RequestCode.PUSH_REPLY_MESSAGE_TO_CLIENT,
                        push.toFields(),
                        request.detached().body(),
                        PATIENCE)
                .handle((answer, failure) -> problem(requester, answer, failure))
                .thenCompose(problem ->
                        problem.map(refusal -> after(stored, refusal)).orElseGet(() -> arrived(stored, reply)));
    }

    /** Why the waiting client does not have the reply, empty where it has. */
    private static Optional<String> problem(String client, @Nullable Command answer, @Nullable Throwable failure) {
        if (failure != null || answer == null) {
            String reason = failure == null ? "no answer" : String.valueOf(failure.getMessage());
            log.warn("Reply not passed on; client={} reason={}", client, reason);
            return Optional.of("Cannot pass a reply on to client " + client + ": " + reason);
        }
        return answer.code() == ResponseCode.SUCCESS
                ? Optional.empty()
                : Optional.of(
                        "Client " + client + " refused a reply with code " + answer.code() + ": " + answer.remark());
    }

    private static boolean isSuccess(Answer answer) {
        return answer.code() == ResponseCode.SUCCESS;
    }

    /** A refusal, once it is known what became of the stored copy. */
    private static CompletableFuture<Answer> after(CompletableFuture<Answer> stored, String refusal) {
        return stored.handle((answer, failure) -> Answer.refused(ResponseCode.SYSTEM_ERROR, refusal));
    }

    private static CompletableFuture<Answer> arrived(CompletableFuture<Answer> stored, SendRequest reply) {
        return stored.handle((answer, failure) -> {
            if (failure == null && isSuccess(answer)) {
                return answer;
            }
            Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
            log.warn(
                    "Reply arrived but was not stored; topic={} reason={}",
                    reply.topic(),
                    cause == null ? answer.remark() : cause.getMessage());
            return Answer.ok(new SendResponse("0", Math.max(0, reply.queueId()), 0, null, null).toFields());
        });
    }
}
