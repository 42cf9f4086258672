package dev.tally.broker.engine;

import dev.tally.broker.log.RecordDraft;
import dev.tally.broker.log.RecordKind;
import dev.tally.broker.store.Appended;
import dev.tally.broker.store.NewHalf;
import java.util.List;

/** A half message. */
final class PrepareWrite extends PendingWrite<Appended> {

    private final StoreState state;
    private final MessageBody body;
    private final RecordDraft draft;

    PrepareWrite(StoreState state, NewHalf half) {
        this.state = state;
        this.body = MessageBody.of(half);
        this.draft = body.draft(RecordKind.HALF);
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
        return List.of(draft);
    }

    @Override
    public void durable(long[] positions, long timestampMillis) {
        state.half(positions[0], timestampMillis, body);
        complete(new Appended(positions[0], -1));
    }
}
