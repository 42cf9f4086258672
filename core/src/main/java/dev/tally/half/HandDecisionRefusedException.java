package dev.tally.half;

import dev.tally.message.TallyException;

/**
 * Half messages were not decided by hand, because of what was found; nothing was decided.
 *
 * @since 0.1
 */
public class HandDecisionRefusedException extends TallyException {

    /** What was found. */
    public enum Found {
        /** No broker has anything undecided or parked of that local transaction; it may have been decided already. */
        NOTHING_UNDECIDED,
        /** It ran in a data source that this instance does not have; one that has it can decide. */
        NO_SUCH_DATA_SOURCE,
        /** The local transaction still runs. */
        STILL_RUNNING,
        /** The ledger knows that it ended the other way. */
        LEDGER_KNOWS_OTHERWISE,
        /** Somebody else decided it while this decision was made. */
        CHANGED_MEANWHILE
    }

    private final Found found;

    /** Says what was found. */
    public HandDecisionRefusedException(Found found, String message) {
        super("TALLY-HAND-DECISION-REFUSED", message);
        this.found = found;
    }

    /** What was found. */
    public Found found() {
        return found;
    }
}
