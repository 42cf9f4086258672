package dev.tally.broker.engine;

import dev.tally.broker.log.RecordDraft;
import dev.tally.broker.pop.LeaseEntry;
import dev.tally.broker.pop.PopKey;
import dev.tally.broker.pop.PopTable;
import dev.tally.broker.store.PopCall;
import dev.tally.broker.store.Popped;
import dev.tally.broker.store.StoredMessage;
import java.util.ArrayList;
import java.util.List;

/**
 * Messages are handed out. Where something came between the read and this, an acknowledgement of what would be handed out
 * again or progress that was set, nothing is handed out; the consumer asks again.
 */
final class PopWrite extends PendingWrite<Popped> {

    private final StoreState state;
    private final PopKey key;
    private final PopTable.Turn turn;
    private final PopReader.Taking taking;
    private final PopBodies.Taken body;
    private final List<RecordDraft> drafts = new ArrayList<>();
    private boolean planned;

    PopWrite(StoreState state, PopKey key, PopCall call, PopTable.Turn turn, PopReader.Taking taking) {
        this.state = state;
        this.key = key;
        this.turn = turn;
        this.taking = taking;
        this.body = new PopBodies.Taken(
                key,
                taking.next,
                turn.popMillis(),
                call.invisibleMillis(),
                call.ordered(),
                turn.repeated(),
                call.attemptId(),
                taking.messages.stream().map(StoredMessage::queueOffset).toList());
        if (!taking.gone.isEmpty()) {
            drafts.add(new PopBodies.Ended(key, taking.gone).draft());
        }
        drafts.add(body.draft());
    }

    @Override
    public int bytes() {
        return drafts.stream().mapToInt(RecordDraft::bytes).sum();
    }

    /** What a power cut takes of it is handed out again; an acknowledgement forces what it is about. */
    @Override
    public boolean waitsForForce() {
        return false;
    }

    @Override
    public List<RecordDraft> plan() {
        planned = state.pops.planPop(key, turn, taking.again);
        return planned ? drafts : List.of();
    }

    @Override
    void abandoned() {
        if (planned) {
            taking.again.forEach(lease -> state.pops.unplan(key, lease.offset()));
        }
        state.pops.release(key);
    }

    @Override
    public void durable(long[] positions, long timestampMillis) {
        if (planned) {
            if (!taking.gone.isEmpty()) {
                state.pops.ended(key, taking.gone);
            }
            state.popped(body);
        }
        state.pops.release(key);
        complete(planned ? popped() : Popped.nothing(taking.rest + taking.messages.size()));
    }

    private Popped popped() {
        List<Popped.Message> messages = new ArrayList<>();
        for (int i = 0; i < taking.messages.size(); i++) {
            int redelivered = i < taking.again.size() ? redelivered(taking.again.get(i)) : 0;
            messages.add(new Popped.Message(taking.messages.get(i), redelivered));
        }
        return new Popped(messages, turn.popMillis(), taking.rest);
    }

    private int redelivered(LeaseEntry before) {
        return before.redelivered() + (turn.repeated() ? 0 : 1);
    }
}
