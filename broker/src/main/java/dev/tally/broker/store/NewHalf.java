package dev.tally.broker.store;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A half message to prepare.
 *
 * @param message what becomes visible when it is committed
 * @param producerGroup the group whose members may decide and are asked in a check-back
 * @param transactionId the producer's id of the transaction, for people
 * @param immunity how long after the prepare the first check-back is due; {@code null} for the store's default
 */
public record NewHalf(
        NewMessage message,
        String producerGroup,
        String transactionId,
        @Nullable Duration immunity) {}
