package dev.tally.saga.engine;

import dev.tally.saga.definition.LocalWork;
import dev.tally.saga.definition.LockPolicy;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What has to be done for a saga, in the transaction that keeps its change. */
sealed interface Effect {

    /** For which step; empty for the saga as a whole. */
    String step();

    record SendCommand(
            String step,
            boolean undo,
            int attempt,
            String participant,
            Object payload,
            @Nullable Instant deadline,
            boolean elsewhere)
            implements Effect {}

    record RunLocal<D>(String step, boolean undo, int attempt, LocalWork<D> work) implements Effect {}

    /** Looks whether the signal has come already. */
    record TakeSignal(String step, String signal) implements Effect {}

    record StartSaga(String step, boolean undo, int attempt, String saga, String businessKey, Object data)
            implements Effect {}

    /** Asks the saga that runs for the step to go its way back. */
    record CancelSaga(String step, int attempt) implements Effect {}

    record AcquireLock(String step, String resource, LockPolicy policy, Duration lease) implements Effect {}

    /** The saga has ended: its locks are free, and whoever it ran for is told. */
    record End() implements Effect {
        @Override
        public String step() {
            return "";
        }
    }
}
