package dev.tally.broker.engine;

import dev.tally.broker.log.RecordDraft;
import dev.tally.broker.log.RecordKind;
import java.util.List;
import java.util.function.Predicate;

/**
 * Deletes a topic or a group, where nothing of it is pending. That is judged when the record takes effect, so that what
 * was written before it in the same batch counts; a record that then deletes nothing deletes nothing at recovery either.
 */
final class DeleteWrite extends PendingWrite<Boolean> {

    private final SmallBodies.Deleted body;
    private final RecordDraft draft;
    private final Predicate<SmallBodies.Deleted> apply;

    private DeleteWrite(SmallBodies.Deleted body, RecordKind kind, Predicate<SmallBodies.Deleted> apply) {
        this.body = body;
        this.draft = body.draft(kind);
        this.apply = apply;
    }

    static DeleteWrite ofTopic(StoreState state, String name) {
        return new DeleteWrite(new SmallBodies.Deleted(name, false), RecordKind.TOPIC_DELETED, state::topicDeleted);
    }

    static DeleteWrite ofGroup(StoreState state, String name, boolean offsets) {
        return new DeleteWrite(new SmallBodies.Deleted(name, offsets), RecordKind.GROUP_DELETED, state::groupDeleted);
    }

    @Override
    public int bytes() {
        return draft.bytes();
    }

    @Override
    public List<RecordDraft> plan() {
        return List.of(draft);
    }

    @Override
    public void durable(long[] positions, long timestampMillis) {
        complete(apply.test(body));
    }
}
