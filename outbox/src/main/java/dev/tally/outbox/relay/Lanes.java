package dev.tally.outbox.relay;

import dev.tally.message.Message;
import dev.tally.outbox.OutboxEntry;
import dev.tally.outbox.OutboxSettings;
import dev.tally.outbox.relay.HeldEntry.Origin;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The entries that one tenure holds in memory, and their order. One lock, held for moments only.
 *
 * <ol>
 *   <li>A transaction is admitted to memory if there is room and none of its keys has rows waiting in the table; else it is
 *       spilled: its rows wait in the table and are read back, by id, when there is room.
 *   <li>An inserted entry takes its place in its key's lane, undecided; commit marks it, rollback removes it.
 *   <li>The head of a lane, once committed, is ready; the lane waits until it is confirmed or given up. Entries without a
 *       key are ready when committed.
 *   <li>A confirmed entry leaves its lane at once, and memory when its row is removed.
 * </ol>
 */
final class Lanes {

    private final OutboxSettings settings;
    private final Map<Long, HeldEntry> held = new HashMap<>();
    private final Map<String, Lane> lanes = new HashMap<>();
    private final Deque<HeldEntry> readyFresh = new ArrayDeque<>();
    private final Deque<HeldEntry> readyBacklog = new ArrayDeque<>();
    private final SpilledKeys spilled = new SpilledKeys();
    private final Set<Long> leftWhileReading = new HashSet<>();

    private final CompletableFuture<Void> whenDrained = new CompletableFuture<>();

    private int admitted;
    private int heldFromBacklog;
    private int heldAdopted;
    private long heldBytes;
    private int inFlight;
    private boolean reading;
    private boolean gateOpen;
    private boolean draining;
    private boolean closed;

    Lanes(OutboxSettings settings) {
        this.settings = settings;
    }

    /** Makes room for the messages of one transaction, or counts them as spilled. */
    synchronized boolean admit(List<Message> messages) {
        boolean room = held.size() - heldFromBacklog + admitted + messages.size() <= half()
                && heldBytes <= settings.memoryBytes();
        if (room && messages.stream().noneMatch(message -> mustSpill(message.key()))) {
            admitted += messages.size();
            return true;
        }
        spilled.add(messages);
        return false;
    }

    private boolean mustSpill(@Nullable String key) {
        return key != null && (!gateOpen || spilled.mayHave(key));
    }

    synchronized void abandon(int messages) {
        admitted -= messages;
    }

    synchronized List<HeldEntry> reserve(List<OutboxEntry> entries) {
        admitted -= entries.size();
        List<HeldEntry> reserved = new ArrayList<>(entries.size());
        for (OutboxEntry entry : entries) {
            HeldEntry fresh = new HeldEntry(entry, Origin.FRESH, false);
            reserved.add(fresh);
            if (!closed) {
                hold(fresh);
            }
        }
        return reserved;
    }

    private void hold(HeldEntry entry) {
        held.put(entry.id(), entry);
        heldBytes += entry.bytes();
        heldFromBacklog += entry.origin() == Origin.FRESH ? 0 : 1;
        heldAdopted += entry.origin() == Origin.ADOPTED ? 1 : 0;
        String key = entry.key();
        if (key != null) {
            lanes.computeIfAbsent(key, ignored -> new Lane()).add(entry);
        }
    }

    /** Marks entries of a transaction that has committed. */
    synchronized void committed(List<HeldEntry> entries) {
        if (closed) {
            return;
        }
        for (HeldEntry entry : entries) {
            entry.markCommitted();
            makeReady(entry);
        }
    }

    /** Removes entries of a transaction that has rolled back. */
    synchronized void rolledBack(List<HeldEntry> entries) {
        if (closed) {
            return;
        }
        for (HeldEntry entry : entries) {
            leaveLane(entry);
            release(entry);
        }
    }

    private void makeReady(HeldEntry entry) {
        String key = entry.key();
        if (key == null) {
            enqueue(entry);
        } else {
            advance(key);
        }
    }

    private void advance(String key) {
        Lane lane = lanes.get(key);
        HeldEntry next = lane == null ? null : lane.advance();
        if (next != null) {
            enqueue(next);
        }
    }

    private void enqueue(HeldEntry entry) {
        (entry.origin() == Origin.FRESH ? readyFresh : readyBacklog).add(entry);
    }

    private void leaveLane(HeldEntry entry) {
        String key = entry.key();
        Lane lane = key == null ? null : lanes.get(key);
        if (key == null || lane == null) {
            return;
        }
        lane.remove(entry);
        if (lane.isEmpty()) {
            lanes.remove(key);
        } else {
            advance(key);
        }
    }

    private void release(HeldEntry entry) {
        if (held.remove(entry.id()) == null) {
            return;
        }
        heldBytes -= entry.bytes();
        heldFromBacklog -= entry.origin() == Origin.FRESH ? 0 : 1;
        heldAdopted -= entry.origin() == Origin.ADOPTED ? 1 : 0;
        if (reading) {
            leftWhileReading.add(entry.id());
        }
        if (draining && held.isEmpty()) {
            whenDrained.complete(null);
        }
    }

    /**
     * Takes entries to send. Fresh ones come first, but a quarter of the batch is kept for the backlog, so that neither
     * waits for the other.
     */
    synchronized List<HeldEntry> take(int limit) {
        int count = Math.min(limit, settings.maxInFlight() - inFlight);
        List<HeldEntry> batch = new ArrayList<>();
        int forBacklog = Math.min(readyBacklog.size(), Math.max(1, count / 4));
        // A batch of one, a probe, goes to whichever kind has waited without the other's failures: they take turns.
        if (count == 1 && !readyFresh.isEmpty() && !readyBacklog.isEmpty()) {
            forBacklog = readyFresh.size() > readyBacklog.size() ? 0 : 1;
        }
        poll(readyFresh, batch, count - forBacklog);
        poll(readyBacklog, batch, count);
        poll(readyFresh, batch, count);
        inFlight += batch.size();
        return batch;
    }

    private static void poll(Deque<HeldEntry> from, List<HeldEntry> batch, int limit) {
        while (batch.size() < limit && !from.isEmpty()) {
            batch.add(from.remove());
        }
    }

    /** The broker has confirmed an entry: the next of its key may go. */
    synchronized void sent(HeldEntry entry) {
        inFlight--;
        if (!closed) {
            leaveLane(entry);
        }
    }

    /** Sending an entry failed; it keeps its lane. */
    synchronized void failed() {
        inFlight--;
    }

    /** An entry that failed may be sent again. */
    synchronized void retry(HeldEntry entry) {
        if (!closed) {
            enqueue(entry);
        }
    }

    /** An entry is given up: its key goes on. */
    synchronized void givenUp(HeldEntry entry) {
        if (!closed) {
            leaveLane(entry);
            release(entry);
        }
    }

    /** Rows are removed. */
    synchronized void removed(Collection<HeldEntry> entries) {
        if (!closed) {
            entries.forEach(this::release);
        }
    }

    /** How many rows may be read back now. */
    synchronized int roomForBacklog() {
        if (closed || heldBytes > settings.memoryBytes()) {
            return 0;
        }
        return half() - heldFromBacklog;
    }

    /** What publishing transactions hand over and what is read back each have half of the memory: neither starves. */
    private int half() {
        return Math.max(1, settings.memoryEntries() / 2);
    }

    /** Must come before the statement that reads: ids that leave memory from now on may still be in what it reads. */
    synchronized void beginRead() {
        reading = true;
        leftWhileReading.clear();
    }

    /** Takes what was read back, but for what is or was in memory. */
    synchronized void load(List<OutboxEntry> rows, Origin origin) {
        reading = false;
        if (closed) {
            return;
        }
        List<HeldEntry> loaded = new ArrayList<>();
        for (OutboxEntry row : rows) {
            if (held.containsKey(row.id()) || leftWhileReading.contains(row.id())) {
                continue;
            }
            HeldEntry entry = new HeldEntry(row, origin, true);
            hold(entry);
            loaded.add(entry);
            if (origin == Origin.SPILLED) {
                spilled.remove(entry.key());
            }
        }
        leftWhileReading.clear();
        loaded.forEach(this::makeReady);
    }

    synchronized void readFailed() {
        reading = false;
        leftWhileReading.clear();
    }

    /** Spilled messages whose transaction rolled back, or whose rows were not inserted. */
    synchronized void notSpilled(List<Message> messages) {
        messages.forEach(message -> spilled.remove(message.key()));
    }

    synchronized long spilledWaiting() {
        return spilled.total();
    }

    synchronized int heldAdopted() {
        return heldAdopted;
    }

    synchronized int size() {
        return held.size() + admitted;
    }

    /** Lets keyed entries stay in memory: what was there before this tenure is in the lanes. */
    synchronized void openGate() {
        gateOpen = true;
    }

    synchronized boolean isGateOpen() {
        return gateOpen;
    }

    /** Completes when nothing is held. To be asked once no transaction is admitted any more. */
    synchronized CompletableFuture<Void> drained() {
        draining = true;
        if (held.isEmpty()) {
            whenDrained.complete(null);
        }
        return whenDrained;
    }

    /** Forgets everything: the rows are somebody else's now. */
    synchronized void close() {
        closed = true;
        held.clear();
        lanes.clear();
        readyFresh.clear();
        readyBacklog.clear();
        heldBytes = 0;
        whenDrained.complete(null);
    }
}
