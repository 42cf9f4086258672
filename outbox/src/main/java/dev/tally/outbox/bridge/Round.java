package dev.tally.outbox.bridge;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One look at all rows, in order. Confined to the thread that calls {@link OutboxBridge#step}. */
final class Round {

    final PeerTable table;

    /** Whether rows that were left are tried again in it. */
    final boolean withLeft;

    private final Set<String> heldKeys = new HashSet<>();
    private final List<String> planned = new ArrayList<>();
    private @Nullable String lastPlanned;
    private boolean isEmpty = true;
    private long held;
    private long tooYoung;
    private int failuresInARow;

    Round(PeerTable table, boolean withLeft) {
        this.table = table;
        this.withLeft = withLeft;
    }

    boolean nothingIsPlanned() {
        return planned.isEmpty();
    }

    /** Plans the rows that come next, at most {@code limit} of them. */
    void plan(int limit) {
        List<String> ids = table.plan(lastPlanned, withLeft, limit);
        if (!ids.isEmpty()) {
            planned.addAll(ids);
            lastPlanned = ids.get(ids.size() - 1);
            isEmpty = false;
        }
    }

    List<String> nextBatch(int rows) {
        List<String> head = planned.subList(0, Math.min(rows, planned.size()));
        List<String> batch = List.copyOf(head);
        head.clear();
        return batch;
    }

    void add(TakeBatch.Result result) {
        heldKeys.addAll(result.heldKeys());
        held += result.held();
        tooYoung += result.tooYoung();
        if (result.taken() > 0) {
            failuresInARow = 0;
        }
    }

    /** Counts a row that failed by itself; how many have, with none between that was taken. */
    int failed() {
        return ++failuresInARow;
    }

    /** Keys whose further rows wait until the next round. */
    Set<String> heldKeys() {
        return heldKeys;
    }

    /** Whether there was no row to look at. */
    boolean isEmpty() {
        return isEmpty;
    }

    long held() {
        return held;
    }

    long tooYoung() {
        return tooYoung;
    }
}
