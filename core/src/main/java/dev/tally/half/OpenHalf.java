package dev.tally.half;

import dev.tally.message.MessageId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A half message that its broker has and that nobody has decided.
 *
 * @param messageId the message
 * @param transactionId the local transaction that prepared it, as the ledger knows it
 * @param topic where it is to become visible
 * @param key the key that orders it, or {@code null}
 * @param parked whether the broker has given up asking
 * @param preparedAt when it was stored, by the broker's clock
 * @param checks check-backs delivered so far, 0 where nobody counts them
 * @param half what decides it
 * @since 0.1
 */
public record OpenHalf(
        MessageId messageId,
        String transactionId,
        String topic,
        @Nullable String key,
        boolean parked,
        Instant preparedAt,
        int checks,
        PreparedHalf half) {}
