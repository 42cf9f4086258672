package dev.tally.broker.engine;

import dev.tally.broker.log.RecordDraft;
import java.util.ArrayList;
import java.util.List;

/**
 * Copies messages forward whose segment is to be removed. What each of them is by then is read when the writer plans it,
 * alone in its batch: a decision that came meanwhile is part of the copy, one that comes later finds it.
 */
final class CopyWrite extends PendingWrite<Integer> {

    private final StoreState state;
    private final Payloads payloads;
    private final long boundary;
    private final List<Candidate> candidates;
    private final int bytes;
    private final List<CopiedBody> copied = new ArrayList<>();

    /** A message that was needed when it was found. */
    record Candidate(long position, long queueOffset) {}

    CopyWrite(StoreState state, Payloads payloads, long boundary, List<Candidate> candidates, int bytes) {
        this.state = state;
        this.payloads = payloads;
        this.boundary = boundary;
        this.candidates = candidates;
        this.bytes = bytes;
    }

    @Override
    public int bytes() {
        return bytes;
    }

    @Override
    public boolean essential() {
        return false;
    }

    @Override
    public boolean plannedAlone() {
        return true;
    }

    @Override
    public List<RecordDraft> plan() {
        List<RecordDraft> drafts = new ArrayList<>();
        for (Candidate candidate : candidates) {
            if (state.relocations.locationOf(candidate.position()) >= boundary) {
                continue;
            }
            CopiedBody body = payloads.describe(candidate.position(), candidate.queueOffset());
            if (body != null) {
                drafts.add(body.draft());
                copied.add(body);
            }
        }
        return drafts;
    }

    @Override
    public void durable(long[] positions, long timestampMillis) {
        for (int i = 0; i < positions.length; i++) {
            state.moved(positions[i], copied.get(i));
        }
        complete(positions.length);
    }
}
