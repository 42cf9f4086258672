package dev.tally.outbox.operations;

import dev.tally.outbox.OutboxStore;
import dev.tally.outbox.operations.ProgressStore.FirstRow;
import dev.tally.outbox.operations.ProgressStore.KeptOwner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Says for which reasons rows wait, and how long. Looks at the first rows of every owner only, so that it costs the same
 * for ten rows and for ten million: behind {@value #ROWS_PER_OWNER} rows of failing keys at the head of one lane it does
 * not see what else waits there. Rows that wait for their time are not late, and are not looked at.
 */
final class ReadProgress {

    private static final int ROWS_PER_OWNER = 20;

    private final ProgressStore store;
    private final Duration nodeExpiry;

    ReadProgress(ProgressStore store, Duration nodeExpiry) {
        this.store = store;
        this.nodeExpiry = nodeExpiry;
    }

    OutboxProgress read() {
        Pause pause = store.pause();
        // Rows before owners: a row whose owner is listed a moment later has one.
        List<FirstRow> rows = store.firstRows(ROWS_PER_OWNER);
        List<KeptOwner> owners = store.owners();
        return new OutboxProgress(oldest(rows, owners, pause), pause, nodes(owners));
    }

    private Map<WaitReason, OldestWaiting> oldest(List<FirstRow> rows, List<KeptOwner> owners, @Nullable Pause pause) {
        Map<String, KeptOwner> byName = new HashMap<>();
        owners.forEach(owner -> byName.put(owner.owner(), owner));
        Set<String> failingKeys = new HashSet<>();
        Map<WaitReason, OldestWaiting> oldest = new EnumMap<>(WaitReason.class);
        for (FirstRow row : rows) {
            KeptOwner owner = byName.get(row.owner());
            String key = row.key();
            boolean failing = !row.parked() && (row.attempts() > 0 || (key != null && failingKeys.contains(key)));
            if (failing && key != null) {
                failingKeys.add(key);
            }
            OldestWaiting waiting = new OldestWaiting(
                    Duration.ofMillis(Math.max(0, row.ageMillis())),
                    row.id(),
                    row.topic(),
                    row.owner(),
                    owner == null ? null : owner.keeper(),
                    row.attempts(),
                    row.lastError());
            oldest.merge(
                    reason(row, owner, failing, pause),
                    waiting,
                    (one, other) -> one.age().compareTo(other.age()) >= 0 ? one : other);
        }
        return oldest;
    }

    private WaitReason reason(FirstRow row, @Nullable KeptOwner owner, boolean failing, @Nullable Pause pause) {
        if (row.parked()) {
            return WaitReason.PARKED;
        }
        if (row.blocked()) {
            return WaitReason.BLOCKED;
        }
        if (pause != null) {
            return WaitReason.PAUSED;
        }
        if (owner == null || !isAlive(owner)) {
            return WaitReason.NO_OWNER;
        }
        if (owner.circuitOpen()) {
            return WaitReason.TRANSPORT_DOWN;
        }
        return failing ? WaitReason.POISONED : WaitReason.BACKLOG;
    }

    private boolean isAlive(KeptOwner owner) {
        Long silent = owner.silentMillis();
        return silent != null && silent <= nodeExpiry.toMillis();
    }

    private List<OutboxNodeState> nodes(List<KeptOwner> owners) {
        Map<String, List<KeptOwner>> byKeeper = new TreeMap<>();
        owners.forEach(owner -> byKeeper.computeIfAbsent(owner.keeper(), keeper -> new ArrayList<>())
                .add(owner));
        List<OutboxNodeState> nodes = new ArrayList<>();
        byKeeper.forEach((keeper, kept) -> {
            KeptOwner one = kept.get(0);
            String instance = kept.stream()
                    .filter(owner -> owner.owner().equals(keeper))
                    .findFirst()
                    .map(KeptOwner::instance)
                    .orElse(null);
            Long silent = one.silentMillis();
            nodes.add(new OutboxNodeState(
                    keeper,
                    instance,
                    isAlive(one),
                    silent == null ? null : Duration.ofMillis(silent),
                    one.circuitOpen(),
                    names(kept, true),
                    names(kept, false)));
        });
        return nodes;
    }

    private static List<String> names(List<KeptOwner> kept, boolean lanes) {
        return kept.stream()
                .map(KeptOwner::owner)
                .filter(owner -> owner.startsWith(OutboxStore.LANE_PREFIX) == lanes)
                .sorted()
                .toList();
    }
}
