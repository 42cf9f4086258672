package dev.tally.broker.store;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A half message to prepare.
 *
 * @param message what becomes visible when it is committed
 * @param producerGroup the group whose members may decide and are asked in a check-back
 * @param transactionId the producer's id of the transaction, empty without one
 * @param immunity how long after the prepare the first check-back is due; {@code null} for the store's default
 * @param sameMessage whether a stored payload is this message, apart from what differs between a send and its repeat;
 *     makes the transaction id a key by which repeats are recognised. {@code null} where they are not looked for. Called
 *     on a thread of the store: must not block or throw
 */
public record NewHalf(
        NewMessage message,
        String producerGroup,
        String transactionId,
        @Nullable Duration immunity,
        @Nullable Predicate<ByteBuffer> sameMessage) {

    /** A half message of which every prepare is a new one. */
    public NewHalf(NewMessage message, String producerGroup, String transactionId, @Nullable Duration immunity) {
        this(message, producerGroup, transactionId, immunity, null);
    }
}
