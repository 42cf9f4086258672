package dev.tally.broker.engine;

import dev.tally.broker.half.HalfTable;
import dev.tally.broker.log.RecordDraft;
import dev.tally.broker.log.RecordKind;
import dev.tally.broker.store.Appended;
import dev.tally.broker.store.NewHalf;
import dev.tally.broker.store.StoreRejectedException;
import dev.tally.broker.store.StoreRejectedException.Reason;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A half message. Whether it repeats another prepare is judged when the writer plans it, in log order; a repeat writes
 * nothing, and is answered in its turn, when the half message that it repeats is durable.
 *
 * <ol>
 *   <li>Find a half message with the hash of the group and key: one in the batch that is being written, an undecided
 *       one, or one that was decided lately by somebody who need not have had the answer to its prepare.
 *   <li>Compare group, key and message with what stands there; a hash that meets by chance is no repeat.
 *   <li>The same message: answer its position. Another message under the same key: refuse.
 * </ol>
 */
final class PrepareWrite extends PendingWrite<Appended> {

    private final StoreState state;
    private final MessageReader reader;
    private final MessageBody body;
    private final RecordDraft draft;
    private final @Nullable Predicate<ByteBuffer> sameMessage;
    private final int keyHash;
    private @Nullable PrepareWrite repeats;
    private @Nullable StoreRejectedException refusal;
    private long position;

    PrepareWrite(StoreState state, MessageReader reader, NewHalf half) {
        this.state = state;
        this.reader = reader;
        this.body = MessageBody.of(half);
        this.draft = body.draft(RecordKind.HALF);
        this.sameMessage = half.sameMessage();
        this.keyHash = sameMessage == null ? 0 : HalfTable.keyHash(half.producerGroup(), half.transactionId());
    }

    @Override
    public int bytes() {
        return draft.bytes();
    }

    @Override
    public boolean essential() {
        return false;
    }

    @Override
    public boolean waitsForForce() {
        return state.waitsForForce(body.topic());
    }

    @Override
    public List<RecordDraft> plan() {
        if (keyHash != 0 && isRepeat()) {
            return List.of();
        }
        if (keyHash != 0) {
            state.preparing.put(keyHash, this);
        }
        return List.of(draft);
    }

    private boolean isRepeat() {
        PrepareWrite underWay = state.preparing.get(keyHash);
        if (underWay != null && hasSameKey(underWay.body)) {
            repeats = underWay;
            return judge(underWay.body, "that is being stored");
        }
        long candidate = state.halves.findByKey(keyHash);
        MessageBody stored = candidate == 0 ? null : reader.bodyAt(candidate);
        if (stored == null || !hasSameKey(stored)) {
            return false;
        }
        position = candidate;
        return judge(stored, "at position " + candidate);
    }

    private boolean hasSameKey(MessageBody other) {
        return other.producerGroup().equals(body.producerGroup())
                && other.transactionId().equals(body.transactionId());
    }

    private boolean judge(MessageBody other, String where) {
        if (sameMessage != null && !sameMessage.test(other.payload())) {
            refusal = new StoreRejectedException(
                    Reason.KEY_TAKEN,
                    "Cannot prepare a half message of group " + body.producerGroup() + " with key "
                            + body.transactionId() + ": another message has that key, " + where
                            + "; nothing was written, send it with a key of its own");
        }
        return true;
    }

    @Override
    void abandoned() {
        state.preparing.remove(keyHash, this);
    }

    @Override
    public void durable(long[] positions, long timestampMillis) {
        if (refusal != null) {
            fail(refusal);
            return;
        }
        if (positions.length > 0) {
            position = positions[0];
            state.half(position, timestampMillis, body);
            state.preparing.remove(keyHash, this);
        } else if (repeats != null) {
            position = repeats.position;
        }
        complete(new Appended(position, -1));
    }
}
