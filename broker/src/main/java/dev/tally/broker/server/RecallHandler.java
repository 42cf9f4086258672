package dev.tally.broker.server;

import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.MalformedCommandException;
import dev.tally.broker.protocol.MessageEncoding;
import dev.tally.broker.protocol.PropertyNames;
import dev.tally.broker.protocol.RecallHandle;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.request.RequestHandler;
import dev.tally.broker.request.ServerSettings;
import dev.tally.broker.store.CancelOutcome;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.StoredMessage;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A producer recalls a delayed message.
 *
 * <ol>
 *   <li>Look the message up by the position in the handle; the handle's topic and message id must be its own.
 *   <li>Cancel it; firing or recalling, whatever is first in the log wins.
 *   <li>Answer when that is durable.
 * </ol>
 */
final class RecallHandler implements RequestHandler {

    private static final Logger log = LoggerFactory.getLogger(RecallHandler.class);

    private final MessageStore store;
    private final ServerSettings settings;
    private final Executor reads;

    RecallHandler(MessageStore store, ServerSettings settings, Executor reads) {
        this.store = store;
        this.settings = settings;
        this.reads = reads;
    }

    @Override
    public CompletableFuture<Answer> handle(Connection connection, Command request) {
        String topic = request.fields().requiredText("topic");
        String text = request.fields().requiredText("recallHandle");
        RecallHandle handle;
        try {
            handle = RecallHandle.parse(text);
        } catch (MalformedCommandException e) {
            return CompletableFuture.completedFuture(Answer.refused(
                    ResponseCode.ILLEGAL_OPERATION,
                    "Cannot recall a message of topic " + topic + ": " + e.getMessage()));
        }
        if (!handle.topic().equals(topic) || !handle.brokerName().equals(settings.brokerName())) {
            return CompletableFuture.completedFuture(Answer.refused(
                    ResponseCode.ILLEGAL_OPERATION,
                    "Cannot recall a message of topic " + topic + " at broker " + settings.brokerName()
                            + ": the handle is for topic " + handle.topic() + " at broker " + handle.brokerName()));
        }
        return CompletableFuture.completedFuture(handle).thenComposeAsync(this::recall, reads);
    }

    private CompletableFuture<Answer> recall(RecallHandle handle) {
        StoredMessage message = store.messageAt(handle.position());
        if (message == null || !owns(handle, message)) {
            return CompletableFuture.completedFuture(answer(handle, CancelOutcome.UNKNOWN));
        }
        return store.cancel(handle.position()).thenApply(outcome -> answer(handle, outcome));
    }

    private boolean owns(RecallHandle handle, StoredMessage message) {
        String uniqueKey =
                MessageEncoding.decode(message.payload()).properties().get(PropertyNames.UNIQUE_KEY);
        return message.topic().equals(handle.topic()) && (uniqueKey == null || uniqueKey.equals(handle.messageId()));
    }

    private static Answer answer(RecallHandle handle, CancelOutcome outcome) {
        String attempt = "Cannot recall message " + handle.messageId() + " of topic " + handle.topic() + ": ";
        return switch (outcome) {
            case CANCELLED -> {
                log.debug("Message recalled; topic={} position={}", handle.topic(), handle.position());
                yield Answer.ok(Fields.of("msgId", handle.messageId()));
            }
            case ALREADY_VISIBLE ->
                Answer.refused(ResponseCode.ILLEGAL_OPERATION, attempt + "it is visible to consumers already");
            case UNKNOWN -> Answer.refused(ResponseCode.QUERY_NOT_FOUND, attempt + "no delayed message is known there");
        };
    }
}
