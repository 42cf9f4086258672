package dev.tally.broker.engine;

import dev.tally.broker.log.RecordDraft;
import dev.tally.broker.pop.LeaseEntry;
import dev.tally.broker.pop.PopKey;
import dev.tally.broker.pop.PopTable.Claim;
import dev.tally.broker.store.PopExtension;
import dev.tally.broker.store.PopReceipt;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A delivery ends at another time. */
final class ExtendWrite extends PendingWrite<Optional<PopExtension>> {

    private static final int BYTES = 160;

    private final StoreState state;
    private final PopReceipt receipt;
    private final PopKey key;
    private final long invisibleMillis;
    private PopBodies.@Nullable Changed body;

    ExtendWrite(StoreState state, PopReceipt receipt, long invisibleMillis) {
        this.state = state;
        this.receipt = receipt;
        this.key = AcknowledgeWrite.keyOf(receipt);
        this.invisibleMillis = invisibleMillis;
    }

    @Override
    public int bytes() {
        return BYTES;
    }

    @Override
    public boolean waitsForForce() {
        return body != null && state.waitsForForce(receipt.topic());
    }

    @Override
    public List<RecordDraft> plan() {
        if (state.pops.plan(key, receipt.offset(), receipt.popMillis(), false) != Claim.CLAIMED) {
            return List.of();
        }
        LeaseEntry lease = state.pops.extension(key, receipt.offset(), invisibleMillis);
        if (lease == null) {
            return List.of();
        }
        PopBodies.Changed changed = new PopBodies.Changed(key, lease);
        body = changed;
        return List.of(changed.draft());
    }

    @Override
    void abandoned() {
        if (body != null) {
            state.pops.unplan(key, receipt.offset());
        }
    }

    @Override
    public void durable(long[] positions, long timestampMillis) {
        PopBodies.Changed changed = body;
        if (changed == null) {
            complete(Optional.empty());
            return;
        }
        state.popChanged(changed);
        complete(Optional.of(
                new PopExtension(changed.lease().popMillis(), changed.lease().invisibleMillis())));
    }
}
