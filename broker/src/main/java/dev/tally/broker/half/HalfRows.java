package dev.tally.broker.half;

import dev.tally.broker.collect.LongRows;
import dev.tally.broker.collect.Numbered;
import dev.tally.broker.collect.RowHeap;
import dev.tally.broker.collect.RowMap;
import dev.tally.broker.queue.MessageRef;
import dev.tally.broker.queue.QueueIndex;
import dev.tally.broker.store.HalfState;
import dev.tally.broker.store.UndecidedHalf;
import java.util.Objects;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The undecided half messages in memory: 93 bytes each with all slots, measured with a million.
 *
 * <pre>
 * 0 position          1 tags hash               2 prepared at ms      3 due by the monotonic clock
 * 4 delay ms          5 immunity ms             6 queue | payload bytes
 * 7 group | key hash  8 checks, state, planned state | place in a heap
 * </pre>
 *
 * Belongs to {@link HalfTable}, which guards it.
 */
final class HalfRows {

    private static final int POSITION = 0;
    private static final int TAGS_HASH = 1;
    private static final int PREPARED_AT = 2;
    private static final int DUE = 3;
    private static final int DELAY = 4;
    private static final int IMMUNITY = 5;
    private static final int QUEUE_AND_BYTES = 6;
    private static final int GROUP_AND_KEY = 7;
    private static final int STATE_AND_PLACE = 8;
    private static final int WIDTH = 9;

    private static final int CHECKS_SHIFT = 8;
    private static final int STATE_SHIFT = 4;
    private static final int NIBBLE = 0xF;
    private static final int MOST_CHECKS = (1 << 23) - 1;

    private final LongRows rows = new LongRows(WIDTH);
    private final RowMap byPosition = new RowMap(this::position);
    private final RowMap byKey = new RowMap(this::keyHash);
    private final Numbered<QueueIndex> queues = new Numbered<>();
    private final Numbered<String> groups;

    HalfRows(Numbered<String> groups) {
        this.groups = groups;
    }

    /** A heap of these rows; a row may be in one heap at a time. */
    RowHeap newHeap() {
        return new RowHeap(rows, DUE, STATE_AND_PLACE);
    }

    int size() {
        return byPosition.size();
    }

    int add(HalfEntry half) {
        int row = rows.add();
        rows.set(row, POSITION, half.message().position());
        rows.set(row, TAGS_HASH, half.message().tagsHash());
        rows.set(row, PREPARED_AT, half.preparedAtMillis());
        rows.set(row, DELAY, half.delayMillis());
        rows.set(row, IMMUNITY, half.immunityMillis());
        rows.setHigh(row, QUEUE_AND_BYTES, queues.numberOf(half.message().queue()));
        rows.setLow(row, QUEUE_AND_BYTES, half.message().payloadBytes());
        rows.setHigh(row, GROUP_AND_KEY, groups.numberOf(half.producerGroup()));
        rows.setLow(row, GROUP_AND_KEY, half.keyHash());
        setStates(row, half.checks(), half.state(), null);
        byPosition.put(row);
        if (half.keyHash() != 0 && byKey.find(half.keyHash()) < 0) {
            // Of two keys with the same hash the younger cannot be found: it is stored again rather than mistaken.
            byKey.put(row);
        }
        return row;
    }

    void remove(int row) {
        int keyHash = keyHash(row);
        if (keyHash != 0 && byKey.find(keyHash) == row) {
            byKey.remove(keyHash);
        }
        byPosition.remove(position(row));
        rows.remove(row);
    }

    /** The row of a position, {@code -1} where no undecided half message stands there. */
    int find(long position) {
        return byPosition.find(position);
    }

    /** A row with that key hash, {@code -1} without one; another key may have the same. */
    int findByKey(int keyHash) {
        return byKey.find(keyHash);
    }

    void forEach(IntConsumer visitor) {
        byPosition.forEach(visitor);
    }

    long position(int row) {
        return rows.get(row, POSITION);
    }

    private int keyHash(int row) {
        return rows.low(row, GROUP_AND_KEY);
    }

    QueueIndex queue(int row) {
        return queues.get(rows.high(row, QUEUE_AND_BYTES));
    }

    MessageRef message(int row) {
        return new MessageRef(queue(row), position(row), rows.low(row, QUEUE_AND_BYTES), rows.get(row, TAGS_HASH));
    }

    String group(int row) {
        return groups.get(rows.high(row, GROUP_AND_KEY));
    }

    long preparedAtMillis(int row) {
        return rows.get(row, PREPARED_AT);
    }

    long delayMillis(int row) {
        return rows.get(row, DELAY);
    }

    long immunityMillis(int row) {
        return rows.get(row, IMMUNITY);
    }

    int checks(int row) {
        return rows.high(row, STATE_AND_PLACE) >>> CHECKS_SHIFT;
    }

    HalfState state(int row) {
        return Objects.requireNonNull(stateOf((rows.high(row, STATE_AND_PLACE) >>> STATE_SHIFT) & NIBBLE));
    }

    /** What the record that is being written now will make of it; {@code null} without one. */
    @Nullable HalfState planned(int row) {
        return stateOf(rows.high(row, STATE_AND_PLACE) & NIBBLE);
    }

    HalfState effectiveState(int row) {
        HalfState planned = planned(row);
        return planned == null ? state(row) : planned;
    }

    void plan(int row, @Nullable HalfState planned) {
        setStates(row, checks(row), state(row), planned);
    }

    void move(int row, HalfState state, int checks) {
        setStates(row, checks, state, planned(row));
    }

    private void setStates(int row, int checks, HalfState state, @Nullable HalfState planned) {
        int states = (codeOf(state) << STATE_SHIFT) | codeOf(planned);
        rows.setHigh(row, STATE_AND_PLACE, (Math.min(checks, MOST_CHECKS) << CHECKS_SHIFT) | states);
    }

    private static int codeOf(@Nullable HalfState state) {
        if (state == null) {
            return 0;
        }
        return switch (state) {
            case PREPARED -> 1;
            case COMMITTED -> 2;
            case ROLLED_BACK -> 3;
            case PARKED -> 4;
        };
    }

    private static @Nullable HalfState stateOf(int code) {
        return switch (code) {
            case 1 -> HalfState.PREPARED;
            case 2 -> HalfState.COMMITTED;
            case 3 -> HalfState.ROLLED_BACK;
            case 4 -> HalfState.PARKED;
            default -> null;
        };
    }

    UndecidedHalf describe(int row) {
        return new UndecidedHalf(position(row), group(row), state(row), preparedAtMillis(row), checks(row));
    }

    HalfEntry entry(int row) {
        return new HalfEntry(
                message(row),
                group(row),
                keyHash(row),
                preparedAtMillis(row),
                delayMillis(row),
                immunityMillis(row),
                state(row),
                checks(row));
    }
}
