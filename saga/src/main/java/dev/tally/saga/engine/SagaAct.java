package dev.tally.saga.engine;

import dev.tally.saga.SagaState;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a person can do with a saga.
 *
 * @since 0.1
 */
public sealed interface SagaAct {

    /** Its name, for audits. */
    default String word() {
        return getClass().getSimpleName().replaceAll("([a-z])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
    }

    /**
     * Tries again now what waits for its next attempt or is stuck, with a new budget.
     *
     * @param step which step; {@code null} for all
     */
    record Retry(@Nullable String step) implements SagaAct {}

    /**
     * Takes a step, or its compensation, as done.
     *
     * @param step which
     * @param substitute what it would have answered, as JSON; {@code null} for nothing
     */
    record Skip(String step, @Nullable String substitute) implements SagaAct {}

    /**
     * Goes the way back.
     *
     * @param from the step to begin with: what comes behind it is taken as undone; {@code null} for everything
     */
    record Compensate(@Nullable String from) implements SagaAct {}

    /**
     * Changes the saga's data. What comes of that has to be readable as the definition's class.
     *
     * @param mergePatch a JSON merge patch (RFC 7396)
     */
    record Patch(String mergePatch) implements SagaAct {}

    /**
     * Ends a parked saga, whatever its steps are.
     *
     * @param end {@link SagaState#COMPLETED} or {@link SagaState#COMPENSATED}
     */
    record Resolve(SagaState end) implements SagaAct {}

    /** Stops a saga; what arrives for it waits. */
    record Quarantine() implements SagaAct {}

    /** Lets a parked saga go on, which was stopped, or whose error is mended. */
    record Release() implements SagaAct {}

    /** Lets a saga go on with a definition that was changed since it began. */
    record Adopt() implements SagaAct {}

    /**
     * Moves the time at which a step's attempt is over, or its next one begins.
     *
     * @param step which
     * @param due when
     */
    record MoveTimer(String step, Instant due) implements SagaAct {}

    /**
     * Takes the time-out of a step's attempt away.
     *
     * @param step which
     */
    record CancelTimer(String step) implements SagaAct {}
}
