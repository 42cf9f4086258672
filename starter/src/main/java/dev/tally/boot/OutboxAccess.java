package dev.tally.boot;

import dev.tally.half.LedgerName;
import dev.tally.outbox.operations.OutboxInspection;
import dev.tally.outbox.operations.OutboxOperations;
import org.jspecify.annotations.Nullable;

/**
 * What people can see of and do with the outbox of one data source.
 *
 * @param name the data source
 * @param inspection a look at it
 * @param progress whether its messages get on
 * @param stats how many rows there are
 * @param operations changes it; {@code null} where that is not allowed
 * @since 0.1
 */
public record OutboxAccess(
        LedgerName name,
        OutboxInspection inspection,
        RecentOutboxProgress progress,
        RecentOutboxStats stats,
        @Nullable OutboxOperations operations) {}
