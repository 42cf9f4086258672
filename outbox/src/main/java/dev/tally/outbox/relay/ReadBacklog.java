package dev.tally.outbox.relay;

import dev.tally.outbox.BacklogPage;
import dev.tally.outbox.OutboxEntry;
import dev.tally.outbox.OutboxStoreException;
import dev.tally.outbox.relay.HeldEntry.Origin;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads rows that wait in the table under names of nodes, by id, while there is room.
 *
 * <ol>
 *   <li>First the rows of adopted owners, all together in passes from the lowest id to the end: transactions that were
 *       still open during a pass are found by the next.
 *   <li>Then this node's spilled rows, which have no keys. A commit of a row below the cursor sets the cursor back, and
 *       nothing above an undecided row is taken.
 * </ol>
 *
 * <p>The lanes ask this under their lock whether there is more, so nothing here asks them under its own.
 */
final class ReadBacklog {

    private static final Logger log = LoggerFactory.getLogger(ReadBacklog.class);

    private final RelayParts parts;
    private final Lanes lanes;
    private final Lease lease;
    private final String spillOwner;
    private final Runnable send;
    private final SerialTask task;

    private Set<String> adopted = Set.of();
    private Set<String> ownersOfPass = Set.of();
    private final Set<String> fullyRead = new HashSet<>();
    private boolean passOpen;
    private Instant passBegan = Instant.MIN;
    private long passCursor;
    private long spillCursor;
    private long spillRewind = Long.MAX_VALUE;
    private final TreeSet<Long> openSpills = new TreeSet<>();
    private boolean spillExhausted = true;
    private boolean backingOff;
    private int storeFailures;
    private final RowWeight weight = new RowWeight();

    ReadBacklog(RelayParts parts, Lanes lanes, Lease lease, String spillOwner, Runnable send) {
        this.parts = parts;
        this.lanes = lanes;
        this.lease = lease;
        this.spillOwner = spillOwner;
        this.send = send;
        this.task = new SerialTask("read backlog", parts.timers(), this::readWhileThereIsRoom);
    }

    void signal() {
        task.signal();
    }

    /** There is room: goes on, if there is anything left. */
    void goOn() {
        if (mayHaveMore()) {
            task.signal();
        }
    }

    /** Spilled rows from {@code lowestId} on are inserted by a transaction that is not decided. */
    synchronized void spilledInserted(long lowestId) {
        openSpills.add(lowestId);
    }

    /** The transaction of {@link #spilledInserted} is decided. */
    void spilledDecided(long lowestId, boolean committed) {
        synchronized (this) {
            openSpills.remove(lowestId);
            if (committed) {
                spillRewind = Math.min(spillRewind, lowestId - 1);
            }
            spillExhausted = false;
        }
        task.signal();
    }

    /** There are rows from {@code lowestId} on that may have been passed. */
    void rewind(long lowestId) {
        synchronized (this) {
            spillRewind = Math.min(spillRewind, lowestId - 1);
            spillExhausted = false;
        }
        task.signal();
    }

    /** These adopted owners have rows: reads them again from the beginning, unless that is being done. */
    void adopted(Set<String> ownersWithRows) {
        boolean noneHeld = lanes.heldAdopted() == 0;
        synchronized (this) {
            boolean grown = !adopted.containsAll(ownersWithRows);
            adopted = Set.copyOf(ownersWithRows);
            Instant now = parts.clock().instant();
            boolean due =
                    noneHeld || !now.isBefore(passBegan.plus(parts.settings().nodeExpiry()));
            if (!adopted.isEmpty() && (grown || (!passOpen && due))) {
                passOpen = true;
                ownersOfPass = adopted;
                passCursor = 0;
                passBegan = now;
            }
        }
        task.signal();
    }

    /** Whether all rows of an adopted owner have been read once. */
    synchronized boolean isFullyRead(String owner) {
        return fullyRead.contains(owner);
    }

    private void readWhileThereIsRoom() {
        while (lease.holds() && readPage()) {
            send.run();
        }
        send.run();
    }

    /** Reads a page; answers whether to go on. */
    boolean readPage() {
        Source source = nextSource(lanes.spilledWaiting() > 0);
        int limit = source == null ? 0 : lanes.beginRead(pageSize());
        if (source == null || limit == 0) {
            return false;
        }
        BacklogPage page;
        try {
            page = parts.store().readAfter(source.owners(), source.afterId(), limit);
        } catch (OutboxStoreException e) {
            lanes.readFailed();
            backOff(e);
            return false;
        }
        if (source.origin() == Origin.SPILLED) {
            page = withoutWhatMayHaveAPredecessor(source, page);
        }
        lanes.load(page.entries(), source.origin());
        weight.weigh(page.entries());
        advance(source, page);
        log.debug(
                "Outbox rows read back origin={} rows={}",
                source.origin(),
                page.entries().size());
        return true;
    }

    private record Source(Origin origin, Set<String> owners, long afterId) {}

    private synchronized boolean mayHaveMore() {
        return !backingOff && (passOpen || !spillExhausted);
    }

    private synchronized @Nullable Source nextSource(boolean spilledWait) {
        if (backingOff) {
            return null;
        }
        if (passOpen) {
            return new Source(Origin.ADOPTED, ownersOfPass, passCursor);
        }
        if (spillExhausted || !spilledWait) {
            return null;
        }
        spillCursor = Math.min(spillCursor, spillRewind);
        spillRewind = Long.MAX_VALUE;
        return new Source(Origin.SPILLED, Set.of(spillOwner), spillCursor);
    }

    /**
     * A row that was read may follow, for its key, one with a lower id that committed after the cursor had passed it. That
     * one's transaction is still open here, or has set the cursor back: what is not below it is read again later.
     */
    private synchronized BacklogPage withoutWhatMayHaveAPredecessor(Source source, BacklogPage page) {
        long open = openSpills.isEmpty() ? Long.MAX_VALUE : openSpills.first();
        long bound = spillRewind == Long.MAX_VALUE ? open : Math.min(open, spillRewind + 1);
        List<OutboxEntry> safe =
                page.entries().stream().filter(row -> row.id() < bound).toList();
        if (safe.size() == page.entries().size()) {
            return page;
        }
        long last =
                safe.isEmpty() ? source.afterId() : safe.get(safe.size() - 1).id();
        return new BacklogPage(safe, last, false);
    }

    private synchronized void advance(Source source, BacklogPage page) {
        storeFailures = 0;
        if (source.origin() == Origin.SPILLED) {
            spillCursor = page.lastId();
            spillExhausted = !page.more() && spillRewind == Long.MAX_VALUE;
        } else if (source.owners().equals(ownersOfPass) && source.afterId() == passCursor) {
            passCursor = page.lastId();
            if (!page.more()) {
                passOpen = false;
                fullyRead.addAll(ownersOfPass);
            }
        }
    }

    private int pageSize() {
        return Math.min(
                parts.settings().readBatch(), weight.rowsIn(parts.settings().memoryBytes() / 2));
    }

    private void backOff(OutboxStoreException e) {
        java.time.Duration delay;
        synchronized (this) {
            storeFailures++;
            backingOff = true;
            delay = parts.delay(storeFailures);
        }
        log.warn("Outbox rows not read back nextAttemptInMillis={}", delay.toMillis(), e);
        parts.timers().after(delay, () -> {
            synchronized (this) {
                backingOff = false;
            }
            task.signal();
        });
    }
}
