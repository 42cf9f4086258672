package dev.tally.saga.participant;

import dev.tally.saga.message.ReplyOutcome;
import dev.tally.saga.message.SagaCommand;
import java.time.Duration;

/**
 * What the barrier lets a command do.
 *
 * <pre>
 *                 action                              compensation
 * NEW             RUN                                 EMPTY, or RUN if it undoes what others have done
 * STARTED         RUN, or BUSY while it is worked at  RUN, or BUSY while it is worked at
 * ACTED           REPEAT                              RUN
 * REFUSED         REPEAT                              EMPTY
 * UNDO_STARTED    FENCED                              RUN, or BUSY while it is worked at
 * UNDONE          FENCED                              REPEAT
 * UNDONE_EMPTY    FENCED                              REPEAT
 * </pre>
 *
 * A compensation that was refused is REPEATed to the same attempt, and RUN for a later one: a person may have made it possible.
 */
enum BarrierDecision {
    /** It is to take effect. */
    RUN,

    /** It has taken effect, or was refused: it gets the same answer. */
    REPEAT,

    /** It is undone already: it has no effect, and is told so. */
    FENCED,

    /** There is nothing to undo, and from now on there never will be. */
    EMPTY,

    /** Work outside of a transaction is under way, or its process has died: it has to wait until that is known. */
    BUSY;

    static BarrierDecision of(BarrierRow row, SagaCommand command, boolean ofOthers, Duration workLimit) {
        return command.undo() ? ofUndo(row, command, ofOthers, workLimit) : ofAction(row, workLimit);
    }

    private static BarrierDecision ofAction(BarrierRow row, Duration workLimit) {
        return switch (row.state()) {
            case NEW -> RUN;
            case STARTED -> runUnlessBusy(row, workLimit);
            case ACTED, REFUSED -> REPEAT;
            case UNDO_STARTED, UNDONE, UNDONE_EMPTY -> FENCED;
        };
    }

    private static BarrierDecision ofUndo(BarrierRow row, SagaCommand command, boolean ofOthers, Duration workLimit) {
        return switch (row.state()) {
            case NEW -> ofOthers || command.elsewhere() ? RUN : EMPTY;
            case REFUSED -> EMPTY;
            case STARTED, ACTED, UNDO_STARTED -> wasRefused(row, command) ? REPEAT : runUnlessBusy(row, workLimit);
            case UNDONE, UNDONE_EMPTY -> REPEAT;
        };
    }

    private static boolean wasRefused(BarrierRow row, SagaCommand command) {
        return row.undo() != null
                && row.undo().outcome() == ReplyOutcome.REFUSED
                && command.attempt() <= row.undoAttempt();
    }

    private static BarrierDecision runUnlessBusy(BarrierRow row, Duration workLimit) {
        Duration claimedFor = row.claimedFor();
        return claimedFor != null && claimedFor.compareTo(workLimit) < 0 ? BUSY : RUN;
    }
}
