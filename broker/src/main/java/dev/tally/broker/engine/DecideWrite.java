package dev.tally.broker.engine;

import dev.tally.broker.half.HalfTransitions;
import dev.tally.broker.log.RecordDraft;
import dev.tally.broker.queue.QueueIndex;
import dev.tally.broker.store.Decision;
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
    private @Nullable QueueIndex queue;
    private DecisionBody body;

    DecideWrite(StoreState state, DecisionRequest request) {
        this.state = state;
        this.request = request;
        this.body = body(-1);
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
        if (!planned) {
            return List.of();
        }
        QueueIndex target = state.halves.queueOf(request.position());
        waits = target == null || state.waitsForForce(target.topic());
        if (request.decision() == Decision.COMMIT && state.halves.delayMillis(request.position()) == 0) {
            queue = target;
        }
        body = body(queue == null ? -1 : queue.planNext());
        return List.of(body.draft());
    }

    @Override
    public boolean waitsForForce() {
        return waits;
    }

    private DecisionBody body(long queueOffset) {
        return new DecisionBody(request.position(), request.decision(), request.origin(), queueOffset);
    }

    @Override
    void abandoned() {
        if (planned) {
            state.halves.unplan(request.position(), before);
        }
        if (queue != null) {
            queue.unplan();
        }
    }

    @Override
    public void durable(long[] positions, long timestampMillis) {
        if (planned) {
            state.decided(positions[0], timestampMillis, body);
            complete(new DecisionOutcome.Decided(request.decision(), body.queueOffset(), true));
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
