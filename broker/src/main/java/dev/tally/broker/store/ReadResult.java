package dev.tally.broker.store;

import java.util.List;

/**
 * The answer to a read.
 *
 * @param status what was found
 * @param messages the messages, empty unless {@link Status#FOUND}
 * @param nextOffset where the caller should read next
 * @param minOffset the queue's minimum offset at the time of the read
 * @param maxOffset the queue's maximum offset at the time of the read
 */
public record ReadResult(Status status, List<StoredMessage> messages, long nextOffset, long minOffset, long maxOffset) {

    /** What a read found. */
    public enum Status {
        /** At least one message. */
        FOUND,
        /** Messages, but the filter refused all of those looked at. */
        NO_MATCH,
        /** The offset is the queue's end: nothing there yet. */
        AT_END,
        /** The offset lies below the first message that is still there. */
        OFFSET_TOO_SMALL,
        /** The offset lies beyond the queue's end. */
        OFFSET_TOO_LARGE
    }
}
