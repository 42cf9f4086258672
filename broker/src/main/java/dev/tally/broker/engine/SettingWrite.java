package dev.tally.broker.engine;

import dev.tally.broker.log.RecordDraft;
import java.util.List;
import java.util.function.Consumer;

/**
 * A value that replaces an earlier one: a topic, a group, a consumer offset.
 *
 * @param <T> the value
 */
final class SettingWrite<T> extends PendingWrite<T> {

    private final T value;
    private final RecordDraft draft;
    private final Consumer<T> apply;
    private final boolean waits;

    SettingWrite(T value, RecordDraft draft, Consumer<T> apply) {
        this(value, draft, apply, true);
    }

    SettingWrite(T value, RecordDraft draft, Consumer<T> apply, boolean waitsForForce) {
        this.waits = waitsForForce;
        this.value = value;
        this.draft = draft;
        this.apply = apply;
    }

    @Override
    public int bytes() {
        return draft.bytes();
    }

    @Override
    public boolean waitsForForce() {
        return waits;
    }

    @Override
    public List<RecordDraft> plan() {
        return List.of(draft);
    }

    @Override
    public void durable(long[] positions, long timestampMillis) {
        apply.accept(value);
        complete(value);
    }
}
