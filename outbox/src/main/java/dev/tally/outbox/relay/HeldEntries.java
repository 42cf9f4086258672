package dev.tally.outbox.relay;

import dev.tally.outbox.relay.HeldEntry.Origin;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** What is in memory, by id and by key, and how much it is. Guarded by {@link Lanes}. */
final class HeldEntries {

    private final Map<Long, HeldEntry> byId = new HashMap<>();
    private final Map<String, KeyQueue> byKey = new HashMap<>();
    private final Predicate<HeldEntry> mayGo;
    private final Consumer<HeldEntry> ready;
    private long bytes;
    private int fromBacklog;
    private int adopted;
    private int waitingForRead;

    /**
     * Creates an empty memory.
     *
     * @param mayGo whether the head of a key may be sent by this node now
     * @param ready takes entries that are to be sent next
     */
    HeldEntries(Predicate<HeldEntry> mayGo, Consumer<HeldEntry> ready) {
        this.mayGo = mayGo;
        this.ready = ready;
    }

    void hold(HeldEntry entry) {
        byId.put(entry.id(), entry);
        count(entry, 1);
        String key = entry.key();
        if (key != null) {
            byKey.computeIfAbsent(key, ignored -> new KeyQueue()).add(entry);
        }
    }

    private void count(HeldEntry entry, int by) {
        bytes += (long) by * entry.bytes();
        fromBacklog += entry.isInBacklogHalf() ? by : 0;
        adopted += entry.origin() == Origin.ADOPTED ? by : 0;
        waitingForRead += entry.afterRead() > 0 ? by : 0;
    }

    boolean holds(long id) {
        return byId.containsKey(id);
    }

    /** Whether it is this very entry that is in memory, and not one of the same row that was read later. */
    boolean holds(HeldEntry entry) {
        return byId.get(entry.id()) == entry;
    }

    void makeReady(HeldEntry entry) {
        String key = entry.key();
        if (key == null) {
            ready.accept(entry);
        } else {
            advance(key);
        }
    }

    private void advance(String key) {
        KeyQueue queue = byKey.get(key);
        HeldEntry next = queue == null ? null : queue.advance(mayGo);
        if (next != null) {
            ready.accept(next);
        }
    }

    /** It is not ready after all, and keeps its place. */
    void deactivate(HeldEntry entry) {
        KeyQueue queue = byKey.get(entry.key());
        if (queue != null) {
            queue.deactivate(entry);
        }
    }

    /** The next of its key may go. */
    void leaveQueue(HeldEntry entry) {
        String key = entry.key();
        KeyQueue queue = byKey.get(key);
        if (key == null || queue == null) {
            return;
        }
        queue.remove(entry);
        if (queue.isEmpty()) {
            byKey.remove(key);
        } else {
            advance(key);
        }
    }

    /** Takes it out of memory, and returns whether it was there. */
    boolean release(HeldEntry entry) {
        boolean was = byId.remove(entry.id(), entry);
        if (was) {
            count(entry, -1);
        }
        return was;
    }

    /** From now on, everything up to this id takes room of the backlog's: what is published next has the other half. */
    void moveToBacklogHalf(long upTo) {
        for (HeldEntry entry : byId.values()) {
            // Not what waits for a read, which needs room there.
            if (entry.id() <= upTo && entry.afterRead() == 0 && !entry.isInBacklogHalf()) {
                entry.moveToBacklogHalf();
                fromBacklog++;
            }
        }
    }

    /** What waits for its turn behind others of a key, and is committed. */
    List<HeldEntry> idle(String key) {
        KeyQueue queue = byKey.get(key);
        return queue == null ? List.of() : queue.idle();
    }

    List<HeldEntry> ofLane(String lane) {
        return byId.values().stream().filter(entry -> lane.equals(entry.lane())).toList();
    }

    /** A read has found what is older than these entries. */
    void wasRead(Predicate<HeldEntry> covered) {
        if (waitingForRead == 0) {
            return;
        }
        List<HeldEntry> found = byId.values().stream()
                .filter(entry -> entry.afterRead() > 0)
                .filter(covered)
                .toList();
        waitingForRead -= found.size();
        found.forEach(HeldEntry::wasRead);
        found.forEach(this::makeReadyIfCommitted);
    }

    private void makeReadyIfCommitted(HeldEntry entry) {
        if (entry.isCommitted()) {
            makeReady(entry);
        }
    }

    void clear() {
        byId.clear();
        byKey.clear();
        bytes = 0;
        fromBacklog = 0;
        adopted = 0;
        waitingForRead = 0;
    }

    int size() {
        return byId.size();
    }

    boolean isEmpty() {
        return byId.isEmpty();
    }

    long bytes() {
        return bytes;
    }

    int fromBacklog() {
        return fromBacklog;
    }

    /** Whether entries may only be sent when a read has told what is older. */
    boolean isWaitingForRead() {
        return waitingForRead > 0;
    }

    int adopted() {
        return adopted;
    }
}
