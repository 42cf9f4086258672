package dev.tally.broker.engine;

import dev.tally.broker.engine.SmallBodies.QueueBounds;
import dev.tally.broker.log.RecordDraft;
import dev.tally.broker.log.RecordKind;
import java.util.ArrayList;
import java.util.List;

/**
 * Deletes a topic or a group, unless something of it is pending. That is judged when the writer plans it, alone in its
 * batch, so that everything submitted before counts. The queues of a topic are emptied; their offsets go on where they
 * were, so that progress that a client still remembers never points into another message.
 */
final class DeleteWrite extends PendingWrite<Boolean> {

    private static final int BYTES = 512;

    private final StoreState state;
    private final SmallBodies.Deleted body;
    private final boolean topic;
    private final List<QueueBounds> emptied = new ArrayList<>();
    private boolean planned;

    private DeleteWrite(StoreState state, SmallBodies.Deleted body, boolean topic) {
        this.state = state;
        this.body = body;
        this.topic = topic;
    }

    static DeleteWrite ofTopic(StoreState state, String name) {
        return new DeleteWrite(state, new SmallBodies.Deleted(name, false), true);
    }

    static DeleteWrite ofGroup(StoreState state, String name, boolean offsets) {
        return new DeleteWrite(state, new SmallBodies.Deleted(name, offsets), false);
    }

    @Override
    public int bytes() {
        return BYTES;
    }

    @Override
    public boolean plannedAlone() {
        return true;
    }

    @Override
    public List<RecordDraft> plan() {
        planned = topic ? state.pendingOf(body.name()).nothing() : state.halves.countOfGroup(body.name()) == 0;
        List<RecordDraft> drafts = new ArrayList<>();
        if (planned) {
            drafts.add(body.draft(topic ? RecordKind.TOPIC_DELETED : RecordKind.GROUP_DELETED));
        }
        if (planned && topic) {
            state.queues.forEach(queue -> {
                if (queue.topic().equals(body.name())) {
                    emptied.add(new QueueBounds(queue.topic(), queue.queueId(), queue.next(), queue.next()));
                }
            });
            emptied.forEach(bounds -> drafts.add(bounds.draft()));
        }
        return drafts;
    }

    @Override
    public void durable(long[] positions, long timestampMillis) {
        if (planned && topic) {
            state.topicDeleted(body);
            emptied.forEach(state::bounds);
        } else if (planned) {
            state.groupDeleted(body);
        }
        complete(planned);
    }
}
