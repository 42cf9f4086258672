package dev.tally.broker.engine;

import dev.tally.broker.log.RecordDraft;
import dev.tally.broker.pop.PopKey;
import dev.tally.broker.pop.PopTable.Claim;
import dev.tally.broker.store.PopReceipt;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Deliveries are acknowledged. One that is over is not: its message was delivered again, or will be. Who acknowledges
 * twice is answered the same, as long as the acknowledgement is remembered.
 */
final class AcknowledgeWrite extends PendingWrite<List<Boolean>> {

    private static final int BYTES_EACH = 160;

    private final StoreState state;
    private final List<PopReceipt> receipts;
    private final List<Boolean> done = new ArrayList<>();
    private final List<PopReceipt> claimed = new ArrayList<>();
    private final List<PopBodies.Ended> bodies = new ArrayList<>();
    private boolean waits;

    AcknowledgeWrite(StoreState state, List<PopReceipt> receipts) {
        this.state = state;
        this.receipts = List.copyOf(receipts);
    }

    @Override
    public int bytes() {
        return receipts.size() * BYTES_EACH;
    }

    @Override
    public boolean waitsForForce() {
        return waits;
    }

    @Override
    public List<RecordDraft> plan() {
        Map<PopKey, List<Long>> byQueue = new LinkedHashMap<>();
        for (PopReceipt receipt : receipts) {
            PopKey key = keyOf(receipt);
            Claim claim = state.pops.plan(key, receipt.offset(), receipt.popMillis(), true);
            if (claim == Claim.CLAIMED) {
                claimed.add(receipt);
                byQueue.computeIfAbsent(key, absent -> new ArrayList<>()).add(receipt.offset());
            }
            done.add(claim != Claim.STALE || state.acknowledged.get(identity(receipt), 0) == 1);
        }
        byQueue.forEach((key, offsets) -> bodies.add(new PopBodies.Ended(key, offsets)));
        waits = byQueue.keySet().stream().anyMatch(key -> state.waitsForForce(key.topic()));
        return bodies.stream().map(PopBodies.Ended::draft).toList();
    }

    @Override
    void abandoned() {
        claimed.forEach(receipt -> state.pops.unplan(keyOf(receipt), receipt.offset()));
    }

    @Override
    public void durable(long[] positions, long timestampMillis) {
        bodies.forEach(state::popEnded);
        claimed.forEach(receipt -> state.acknowledged.put(identity(receipt), 1));
        complete(List.copyOf(done));
    }

    static PopKey keyOf(PopReceipt receipt) {
        return new PopKey(receipt.group(), receipt.topic(), receipt.queueId());
    }

    /** Names a delivery; two with the same name are as likely as two equal random numbers. */
    private static long identity(PopReceipt receipt) {
        long mixed = receipt.group().hashCode();
        mixed = mix(mixed, receipt.topic().hashCode());
        mixed = mix(mixed, receipt.queueId());
        mixed = mix(mixed, receipt.offset());
        mixed = mix(mixed, receipt.popMillis());
        return mixed == 0 ? 1 : mixed;
    }

    private static long mix(long before, long value) {
        long mixed = (before ^ value) * 0x9E3779B97F4A7C15L;
        mixed ^= mixed >>> 32;
        mixed *= 0xD6E8FEB86659FD93L;
        return mixed ^ (mixed >>> 29);
    }
}
