package dev.tally.boot;

import dev.tally.consume.deadletter.DeadLetterOperations;
import dev.tally.consume.deadletter.DeadLetterStore;
import org.jspecify.annotations.Nullable;

/**
 * The dead letters of a data source.
 *
 * @param dataSource its name, {@code primary} for the primary one
 * @param store where they are
 * @param operations what people may do with them, {@code null} where they may not
 * @since 0.1
 */
public record DeadLetterAccess(
        String dataSource, DeadLetterStore store, @Nullable DeadLetterOperations operations) {}
