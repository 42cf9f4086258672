package dev.tally.broker.engine;

import dev.tally.broker.log.RecordDraft;
import dev.tally.broker.log.RecordKind;
import java.nio.ByteBuffer;

/**
 * The body of a COPIED record: a payload record that was needed when its segment was removed, with everything about it
 * that earlier records said.
 *
 * <pre>
 * u64 original position | u64 original timestamp | u8 original kind | u8 state (1 visible, 2 prepared, 3 parked,
 * 4 scheduled) | u32 checks delivered | i64 queue offset | u64 position that made it visible | u64 when that was written,
 * or when it is due | u64 delay ms | the original body
 * </pre>
 */
record CopiedBody(
        long originalPosition,
        long originalTimestampMillis,
        RecordKind originalKind,
        State state,
        int checks,
        long queueOffset,
        long visibleBy,
        long atMillis,
        long delayMillis,
        ByteBuffer original) {

    private static final int HEAD = 6 * Long.BYTES + Integer.BYTES + 2;

    /** What the message was when it was copied. */
    enum State {
        VISIBLE(1),
        PREPARED(2),
        PARKED(3),
        SCHEDULED(4);

        private final byte code;

        State(int code) {
            this.code = (byte) code;
        }

        private static State of(byte code) {
            for (State state : values()) {
                if (state.code == code) {
                    return state;
                }
            }
            throw new IllegalStateException("the copy's state " + code + " is unknown");
        }
    }

    RecordDraft draft() {
        ByteBuffer head = ByteBuffer.allocate(HEAD);
        head.putLong(originalPosition)
                .putLong(originalTimestampMillis)
                .put(kindCode(originalKind))
                .put(state.code)
                .putInt(checks)
                .putLong(queueOffset)
                .putLong(visibleBy)
                .putLong(atMillis)
                .putLong(delayMillis);
        return new RecordDraft(RecordKind.COPIED, head.flip(), original);
    }

    static CopiedBody decode(ByteBuffer record) {
        ByteBuffer body = record.duplicate();
        long position = body.getLong();
        long timestamp = body.getLong();
        RecordKind kind = kind(body.get());
        State state = State.of(body.get());
        return new CopiedBody(
                position,
                timestamp,
                kind,
                state,
                body.getInt(),
                body.getLong(),
                body.getLong(),
                body.getLong(),
                body.getLong(),
                body.slice());
    }

    private static byte kindCode(RecordKind kind) {
        return switch (kind) {
            case MESSAGE -> 1;
            case HALF -> 2;
            case SCHEDULED -> 3;
            default -> throw new IllegalArgumentException("A record of kind " + kind + " holds no payload to copy");
        };
    }

    private static RecordKind kind(byte code) {
        return switch (code) {
            case 1 -> RecordKind.MESSAGE;
            case 2 -> RecordKind.HALF;
            case 3 -> RecordKind.SCHEDULED;
            default -> throw new IllegalStateException("the copied kind " + code + " is unknown");
        };
    }
}
