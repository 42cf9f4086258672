package dev.tally.publish;

import dev.tally.message.MessageId;
import org.jspecify.annotations.Nullable;

/**
 * Publishes messages that leave if and only if the surrounding transaction commits. Thread-safe.
 *
 * @since 0.1
 */
public interface MessagePublisher {

    /**
     * Publishes {@code payload} through the outbox.
     *
     * @param key messages with one key are delivered in the order in which their transactions took effect; {@code null}
     *     for no order
     * @return the id of the message, known before it leaves
     * @throws org.springframework.transaction.IllegalTransactionStateException outside a transaction, or in a read-only
     *     one
     * @throws CommitRefusedException in place of that in a {@code beforeCommit}, so that the transaction rolls back
     * @throws dev.tally.message.PayloadUnwritableException if the payload cannot be encoded
     */
    default MessageId publish(String topic, @Nullable String key, Object payload) {
        return publish(OutgoingMessage.to(topic).key(key).payload(payload).build());
    }

    /**
     * Publishes {@code message}. The payload is encoded before this returns.
     *
     * @return the id of the message, known before it leaves
     * @throws org.springframework.transaction.IllegalTransactionStateException outside a transaction, or in a read-only
     *     one
     * @throws CommitRefusedException in place of that in a {@code beforeCommit}, so that the transaction rolls back
     * @throws dev.tally.message.PayloadUnwritableException if the payload cannot be encoded
     */
    MessageId publish(OutgoingMessage message);
}
