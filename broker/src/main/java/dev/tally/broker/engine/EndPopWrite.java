package dev.tally.broker.engine;

import dev.tally.broker.log.RecordDraft;
import dev.tally.broker.log.RecordKind;
import dev.tally.broker.pop.PopKey;
import dev.tally.broker.pop.PopTable.Claim;
import dev.tally.broker.queue.QueueIndex;
import dev.tally.broker.store.NewMessage;
import dev.tally.broker.store.PopReceipt;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A delivery ends without an acknowledgement: its message is written again in the same step. */
final class EndPopWrite extends PendingWrite<Boolean> {

    private static final int BYTES = 160;

    private final StoreState state;
    private final PopReceipt receipt;
    private final PopKey key;
    private final PopBodies.Ended ended;
    private final @Nullable RecordDraft draft;
    private @Nullable MessageBody copy;
    private @Nullable QueueIndex target;
    private boolean planned;

    EndPopWrite(StoreState state, PopReceipt receipt, @Nullable NewMessage copy) {
        this.state = state;
        this.receipt = receipt;
        this.key = AcknowledgeWrite.keyOf(receipt);
        this.ended = new PopBodies.Ended(key, List.of(receipt.offset()));
        this.copy = copy == null ? null : MessageBody.of(copy);
        this.draft = this.copy == null ? null : this.copy.draft(RecordKind.MESSAGE);
        if (copy != null && !copy.delay().isZero()) {
            throw new IllegalArgumentException(
                    "What ends a delivery is visible at once, and not after " + copy.delay());
        }
    }

    @Override
    public int bytes() {
        return BYTES + (draft == null ? 0 : draft.bytes());
    }

    @Override
    public boolean essential() {
        return draft == null;
    }

    @Override
    public boolean waitsForForce() {
        return state.waitsForForce(receipt.topic());
    }

    @Override
    public List<RecordDraft> plan() {
        planned = state.pops.plan(key, receipt.offset(), receipt.popMillis(), false) == Claim.CLAIMED;
        if (!planned) {
            return List.of();
        }
        List<RecordDraft> drafts = new ArrayList<>();
        MessageBody body = copy;
        if (body != null && draft != null) {
            QueueIndex queue = state.queues.obtain(body.topic(), body.queueId());
            long offset = queue.planNext();
            target = queue;
            MessageBody.assign(draft, offset);
            copy = body.withQueueOffset(offset);
            drafts.add(draft);
        }
        drafts.add(ended.draft());
        return drafts;
    }

    @Override
    void abandoned() {
        if (target != null) {
            target.unplan();
        }
        if (planned) {
            state.pops.unplan(key, receipt.offset());
        }
    }

    @Override
    public void durable(long[] positions, long timestampMillis) {
        MessageBody body = copy;
        if (planned && body != null) {
            state.message(positions[0], timestampMillis, body);
        }
        if (planned) {
            state.popEnded(ended);
        }
        complete(planned);
    }
}
