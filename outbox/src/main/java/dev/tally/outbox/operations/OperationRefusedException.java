package dev.tally.outbox.operations;

import dev.tally.message.TallyException;

/**
 * Something that a person wanted to do with the outbox was not done, because of what was found; nothing was changed.
 *
 * @since 0.1
 */
public class OperationRefusedException extends TallyException {

    /** What was found. */
    public enum Found {
        /** No row with this id is parked any more, or never was. */
        NOT_PARKED,
        /** The edit changes nothing. */
        NOTHING_TO_CHANGE,
        /** A header of Tally's would be set or changed. */
        RESERVED_HEADER,
        /** The new payload is none of the message's type. */
        PAYLOAD_UNREADABLE,
        /** Older messages of the same key are parked as well and would be overtaken. */
        OLDER_OF_KEY_PARKED,
        /** Not as many rows fit as the person has seen. */
        COUNT_CHANGED,
        /** An act on many rows is still under way. */
        ALREADY_RUNNING,
        /** The outbox is paused already. */
        ALREADY_PAUSED,
        /** The outbox is not paused. */
        NOT_PAUSED
    }

    private final Found found;

    /** Says what was found. */
    public OperationRefusedException(Found found, String message) {
        super("TALLY-OUTBOX-OPERATION-REFUSED", message);
        this.found = found;
    }

    /** What was found. */
    public Found found() {
        return found;
    }
}
