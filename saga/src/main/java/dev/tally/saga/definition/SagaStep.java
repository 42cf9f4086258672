package dev.tally.saga.definition;

import dev.tally.saga.StepKind;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A step of a definition. Immutable.
 *
 * @param name unique in its definition
 * @param kind what it means for the way back
 * @param after the steps that have to be done, or left out, before it begins
 * @param guards the ways of choices on which it lies, the outermost first
 * @param condition whether it is done; {@code null} for always
 * @param action what it does
 * @param refused what becomes of the content of a refusal; {@code null} if nothing
 * @param timeout how long an attempt waits for its answer; {@code null} for ever
 * @param retry how often its action is tried
 * @param undo what takes it back
 * @param undoTimeout how long an attempt of the compensation waits for its answer
 * @param undoRetry how often the compensation is tried
 * @param <D> the saga's data
 * @since 0.1
 */
public record SagaStep<D>(
        String name,
        StepKind kind,
        Set<String> after,
        List<Guard> guards,
        @Nullable Predicate<D> condition,
        StepAction<D> action,
        @Nullable Merge<D, ?> refused,
        @Nullable Duration timeout,
        RetryPolicy retry,
        StepAction<D> undo,
        Duration undoTimeout,
        RetryPolicy undoRetry) {}
