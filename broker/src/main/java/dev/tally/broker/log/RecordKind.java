package dev.tally.broker.log;

import org.jspecify.annotations.Nullable;

/**
 * What a record is. Codes are stored and never reused; a code that this version does not know stops the start.
 *
 * @since 0.1
 */
public enum RecordKind {
    /** The log's own: an epoch begins; everything before it was verified and forced. */
    EPOCH(1),
    /** The log's own: nothing follows in this segment. */
    SEAL(2),
    /** The log's own: everything before it was forced. */
    MARK(3),
    /** The log's own: the log begins at a position; the segments before it may be gone. */
    START(4),
    /** The log's own: its length covers damaged bytes that an operator gave up; its sequence is the next record's. */
    GAP(5),
    /** A message that is visible at once. */
    MESSAGE(16),
    /** A half message. */
    HALF(17),
    /** A decision about a half message. */
    DECISION(18),
    /** A half message whose check-backs are used up. */
    PARKED(19),
    /** A message that becomes visible later. */
    SCHEDULED(20),
    /** A delayed message became visible. */
    TIMER_FIRED(21),
    /** A consumer group's progress in a queue. */
    CONSUMER_OFFSET(22),
    /** A topic's configuration. */
    TOPIC(23),
    /** A consumer group's configuration. */
    GROUP(24),
    /** A scheduled message was recalled and never becomes visible. */
    CANCELLED(25),
    /** A queue's bounds. */
    QUEUE(26),
    /** A record that was copied forward; it keeps the position of its first writing. */
    COPIED(27),
    /** Counters of what no longer stands in the log. */
    COUNTERS(28),
    /** A topic was deleted. */
    TOPIC_DELETED(29),
    /** A consumer group was deleted. */
    GROUP_DELETED(30),
    /** Messages of a queue were handed out to a consumer that pops, invisible for a time. */
    POPPED(31),
    /** What was handed out is done: acknowledged, or written again to be tried once more. */
    POP_ENDED(32),
    /** How long something that was handed out stays invisible was changed. */
    POP_CHANGED(33),
    /** What of a range of offsets is handed out. */
    POP_STATE(34),
    /** How a consumer group's clients get a topic's messages. */
    REQUEST_MODE(35);

    private static final RecordKind[] BY_CODE = new RecordKind[128];

    static {
        for (RecordKind kind : values()) {
            BY_CODE[kind.code] = kind;
        }
    }

    private final byte code;

    RecordKind(int code) {
        this.code = (byte) code;
    }

    byte code() {
        return code;
    }

    /** Whether the log writes it for itself. */
    boolean structural() {
        return code < MESSAGE.code;
    }

    static @Nullable RecordKind of(byte code) {
        return code < 0 ? null : BY_CODE[code];
    }
}
