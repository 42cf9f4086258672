package dev.tally.broker.engine;

import dev.tally.broker.log.RecordDraft;
import dev.tally.broker.log.RecordKind;
import dev.tally.broker.store.Decision;
import dev.tally.broker.store.DecisionOrigin;
import java.nio.ByteBuffer;

/**
 * The body of a DECISION: u64 position of the half message, u8 decision (1 commit, 2 rollback), u8 origin (1 to 3), i64
 * queue offset (-1 where nothing becomes visible now).
 */
record DecisionBody(long halfPosition, Decision decision, DecisionOrigin origin, long queueOffset) {

    private static final int BYTES = 2 * Long.BYTES + 2;

    RecordDraft draft() {
        ByteBuffer body = ByteBuffer.allocate(BYTES);
        body.putLong(halfPosition)
                .put((byte) (decision == Decision.COMMIT ? 1 : 2))
                .put(code(origin))
                .putLong(queueOffset);
        return new RecordDraft(RecordKind.DECISION, body.flip());
    }

    static DecisionBody decode(ByteBuffer record) {
        ByteBuffer body = record.duplicate();
        return new DecisionBody(
                body.getLong(),
                body.get() == 1 ? Decision.COMMIT : Decision.ROLLBACK,
                origin(body.get()),
                body.getLong());
    }

    private static byte code(DecisionOrigin origin) {
        return switch (origin) {
            case PRODUCER -> 1;
            case CHECK_BACK -> 2;
            case OPERATOR -> 3;
        };
    }

    private static DecisionOrigin origin(byte code) {
        return switch (code) {
            case 1 -> DecisionOrigin.PRODUCER;
            case 2 -> DecisionOrigin.CHECK_BACK;
            case 3 -> DecisionOrigin.OPERATOR;
            default -> throw new IllegalStateException("the decision's origin " + code + " is unknown");
        };
    }
}
