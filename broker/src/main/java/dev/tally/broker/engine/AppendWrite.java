package dev.tally.broker.engine;

import dev.tally.broker.log.RecordDraft;
import dev.tally.broker.log.RecordKind;
import dev.tally.broker.queue.QueueIndex;
import dev.tally.broker.store.Appended;
import dev.tally.broker.store.NewMessage;
import java.util.ArrayList;
import java.util.List;

/** Messages that become visible at once or later, all or none. */
final class AppendWrite extends PendingWrite<List<Appended>> {

    private final StoreState state;
    private final List<MessageBody> bodies = new ArrayList<>();
    private final List<RecordDraft> drafts = new ArrayList<>();
    private final List<QueueIndex> planned = new ArrayList<>();
    private final int bytes;
    private boolean waits;

    AppendWrite(StoreState state, List<NewMessage> messages) {
        this.state = state;
        long sum = 0;
        for (NewMessage message : messages) {
            MessageBody body = MessageBody.of(message);
            RecordDraft draft = body.draft(body.delayMillis() == 0 ? RecordKind.MESSAGE : RecordKind.SCHEDULED);
            bodies.add(body);
            drafts.add(draft);
            sum += draft.bytes();
        }
        bytes = (int) Math.min(sum, Integer.MAX_VALUE);
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
    public boolean waitsForForce() {
        return waits;
    }

    @Override
    public List<RecordDraft> plan() {
        for (int i = 0; i < drafts.size(); i++) {
            MessageBody body = bodies.get(i);
            if (body.delayMillis() == 0) {
                QueueIndex queue = state.queues.obtain(body.topic(), body.queueId());
                long offset = queue.planNext();
                planned.add(queue);
                MessageBody.assign(drafts.get(i), offset);
                bodies.set(i, body.withQueueOffset(offset));
            }
        }
        waits = bodies.stream().anyMatch(body -> state.waitsForForce(body.topic()));
        return drafts;
    }

    @Override
    void abandoned() {
        planned.forEach(QueueIndex::unplan);
    }

    @Override
    public void durable(long[] positions, long timestampMillis) {
        List<Appended> appended = new ArrayList<>(positions.length);
        for (int i = 0; i < positions.length; i++) {
            MessageBody body = bodies.get(i);
            if (body.delayMillis() == 0) {
                state.message(positions[i], timestampMillis, body);
            } else {
                state.scheduled(positions[i], timestampMillis, body);
            }
            appended.add(new Appended(positions[i], body.queueOffset()));
        }
        complete(appended);
    }
}
