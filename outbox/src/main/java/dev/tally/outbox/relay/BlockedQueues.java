package dev.tally.outbox.relay;

import dev.tally.outbox.BlockedKey;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * What becomes of entries in memory when their keys are blocked: they leave it, and wait in the table. Guarded by
 * {@link Lanes}.
 */
final class BlockedQueues {

    private final BlockedKeys blocked;
    private final HeldEntries held;
    private final SpilledKeys spilled;
    private final Consumer<HeldEntry> forget;

    /**
     * Creates one.
     *
     * @param forget takes an entry out of memory
     */
    BlockedQueues(BlockedKeys blocked, HeldEntries held, SpilledKeys spilled, Consumer<HeldEntry> forget) {
        this.blocked = blocked;
        this.held = held;
        this.spilled = spilled;
        this.forget = forget;
    }

    /** Whether an entry waits behind a parked one. It waits in its lane from now on. */
    boolean sendBackIfBehind(HeldEntry entry) {
        boolean behind = blocked.before(entry.entry()) != null;
        if (behind) {
            backToTable(entry);
        }
        return behind;
    }

    private void backToTable(HeldEntry entry) {
        forget.accept(entry);
        String key = entry.key();
        if (key != null) {
            spilled.note(key);
        }
    }

    /** An entry is given up, and its key waits for a person. */
    void block(HeldEntry entry, BlockedKey mark) {
        if (held.holds(entry)) {
            blocked.add(mark);
            forget.accept(entry);
            held.idle(mark.key()).forEach(this::backToTable);
        }
    }

    /** An entry was to be given up, and its key blocked, but somebody else has done something to it: see what. */
    void askAgain(HeldEntry entry) {
        String key = entry.key();
        if (held.holds(entry) && key != null) {
            blocked.unknown(entry.entry().owner());
            List<HeldEntry> behind = held.idle(key);
            behind.forEach(this::backToTable);
            backToTable(entry);
        }
    }

    /**
     * Takes which keys are blocked.
     *
     * @param asked the lanes that were kept, and their epochs, before that was read
     * @param kept those that are kept now
     * @return whether there is something new to read
     */
    boolean take(Map<String, Long> asked, Map<String, Long> kept, List<BlockedKey> marks) {
        Set<String> lanes = asked.entrySet().stream()
                .filter(lane -> lane.getValue().equals(kept.get(lane.getKey())))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
        List<String> newLanes =
                lanes.stream().filter(lane -> !blocked.isKnown(lane)).toList();
        boolean news = !newLanes.isEmpty();
        for (BlockedKey mark : marks) {
            if (lanes.contains(mark.lane())) {
                blocked.add(mark);
                news |= mark.isFree();
                if (!mark.isFree()) {
                    held.idle(mark.key()).forEach(this::sendBackIfBehind);
                }
            }
        }
        blocked.known(lanes);
        newLanes.forEach(lane -> held.ofLane(lane).forEach(held::makeReady));
        return news;
    }
}
