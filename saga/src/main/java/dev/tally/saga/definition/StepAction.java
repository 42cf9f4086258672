package dev.tally.saga.definition;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a step does, or what undoes it.
 *
 * @param <D> the saga's data
 * @since 0.1
 */
public sealed interface StepAction<D> {

    /** What it is, in one word, for diagrams and fingerprints. */
    String word();

    /**
     * Runs in the transaction of the saga's state.
     *
     * @param work the work
     */
    record Local<D>(LocalWork<D> work) implements StepAction<D> {
        @Override
        public String word() {
            return "local";
        }
    }

    /**
     * Sends a command and waits for its answer.
     *
     * @param participant the logical name of who does it
     * @param command makes the command of the saga's data
     * @param done what becomes of the answer; {@code null} if nothing
     */
    record Command<D>(
            String participant,
            Function<D, ?> command,
            @Nullable Merge<D, ?> done) implements StepAction<D> {
        @Override
        public String word() {
            return "command to " + participant;
        }
    }

    /**
     * Waits for something that happens outside: an event, a person.
     *
     * @param signal its name
     * @param done what becomes of what it brings
     */
    record Await<D>(String signal, Merge<D, ?> done) implements StepAction<D> {
        @Override
        public String word() {
            return "await " + signal;
        }
    }

    /**
     * Runs another saga: done when it is completed, refused when it is compensated.
     *
     * @param saga the name of its definition
     * @param key makes its business key
     * @param start makes its data
     * @param done what becomes of its data at the end; {@code null} if nothing
     */
    record SubSaga<D>(
            String saga,
            Function<D, String> key,
            Function<D, ?> start,
            @Nullable Merge<D, ?> done) implements StepAction<D> {
        @Override
        public String word() {
            return "saga " + saga;
        }
    }

    /**
     * Takes a semantic lock, which the saga has until it ends.
     *
     * @param resource makes the name of what is locked
     * @param policy what happens if another saga has it
     * @param lease after how long others may take it if the saga has not ended
     */
    record Lock<D>(Function<D, String> resource, LockPolicy policy, Duration lease) implements StepAction<D> {
        @Override
        public String word() {
            return "lock";
        }
    }

    /**
     * Decides which way is gone: the first whose condition holds.
     *
     * @param branches the ways, in order
     */
    record Choose<D>(List<Branch<D>> branches) implements StepAction<D> {
        @Override
        public String word() {
            return "choice";
        }
    }

    /**
     * One way.
     *
     * @param label its name
     * @param condition whether it is gone
     */
    record Branch<D>(String label, Predicate<D> condition) {}

    /** Does nothing: there is nothing to undo. */
    record Nothing<D>() implements StepAction<D> {
        @Override
        public String word() {
            return "nothing";
        }
    }
}
