package dev.tally.broker.engine;

import dev.tally.broker.half.HalfTransitions;
import dev.tally.broker.log.RecordDraft;
import dev.tally.broker.queue.QueueIndex;
import dev.tally.broker.store.DecisionOutcome;
import dev.tally.broker.store.DecisionRequest;
import dev.tally.broker.store.HalfState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A decision. Whether it is the first is judged when the writer plans it, in log order; one that is not first writes
 * nothing, and is answered in its turn, when the decision that it repeats or contradicts is durable.
 */
final class DecideWrite extends PendingWrite<DecisionOutcome> {

    private static final int BYTES = 64;

    private final StoreState state;
    private final DecisionRequest request;
    private boolean planned;
    private boolean waits = true;
    private @Nullable HalfState before;

    DecideWrite(StoreState state, DecisionRequest request) {
        this.state = state;
        this.request = request;
    }

    @Override
    public int bytes() {
        return BYTES;
    }

    @Override
    public List<RecordDraft> plan() {
        before = state.halves.planned(request.position());
        planned = state.halves.plan(
                request.position(), request.producerGroup(), HalfTransitions.stateAfter(request.decision()));
        QueueIndex queue = state.halves.queueOf(request.position());
        waits = !planned || queue == null || state.waitsForForce(queue.topic());
        return planned ? List.of(body().draft()) : List.of();
    }

    @Override
    public boolean waitsForForce() {
        return waits;
    }

    private DecisionBody body() {
        return new DecisionBody(request.position(), request.decision(), request.origin());
    }

    @Override
    void abandoned() {
        if (planned) {
            state.halves.unplan(request.position(), before);
        }
    }

    @Override
    public void durable(long[] positions, long timestampMillis) {
        if (planned) {
            long queueOffset = state.decided(positions[0], timestampMillis, body());
            complete(new DecisionOutcome.Decided(request.decision(), queueOffset, true));
            return;
        }
        DecisionOutcome outcome = state.halves.answer(request.position(), request.producerGroup(), request.decision());
        if (outcome == null) {
            throw new IllegalStateException("The half message at position " + request.position()
                    + " is undecided, although the decision " + request + " found it decided");
        }
        complete(outcome);
    }
}
