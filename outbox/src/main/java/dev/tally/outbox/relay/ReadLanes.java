package dev.tally.outbox.relay;

import dev.tally.outbox.OutboxEntry;
import dev.tally.outbox.OutboxStoreException;
import dev.tally.outbox.RowPlace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the lanes that this node keeps, whoever wrote their rows. Not while this node is alone and nothing waits there.
 *
 * <ol>
 *   <li>Each read begins at the lowest id of the lanes and lists ids without gaps, in one snapshot. A transaction that took
 *       effect before another one was committed before the other had its id, so what is older than a row in the list is in
 *       the list as well, or in memory, or done: reading on from where the last read ended would miss what committed late.
 *   <li>What is not in memory is fetched, as far as there is room, lowest ids first, and takes its place at once as a whole.
 *   <li>While there are other nodes, the next read follows after a moment, or at once after a commit on this node.
 * </ol>
 */
final class ReadLanes {

    private static final Logger log = LoggerFactory.getLogger(ReadLanes.class);

    /** An idle poll is this many times slower than a busy one. */
    private static final int IDLE_FACTOR = 4;

    private final RelayParts parts;
    private final Lanes lanes;
    private final Lease lease;
    private final Runnable send;
    private final SerialTask task;
    private final HoldBack holdBack;
    private final Runnable whenRefused;
    private final RowWeight weight = new RowWeight();
    private final AtomicBoolean timerSet = new AtomicBoolean();
    private volatile boolean closed;
    private int storeFailures;
    private boolean foundRows;

    /**
     * Creates the duty.
     *
     * @param whenRefused told when rows could not be changed, because others may keep their lanes now
     */
    ReadLanes(RelayParts parts, String node, Lanes lanes, Lease lease, Runnable send, Runnable whenRefused) {
        this.parts = parts;
        this.lanes = lanes;
        this.lease = lease;
        this.send = send;
        this.holdBack = new HoldBack(parts, node, lanes);
        this.whenRefused = whenRefused;
        this.task = new SerialTask("read lanes", parts.timers(), this::readWhileThereIsRoom);
    }

    void signal() {
        task.signal();
    }

    /** There is room: goes on, if there may be anything left. */
    void goOn() {
        if (lanes.mayReadLanes()) {
            task.signal();
        }
    }

    /** Looks once even if nothing is expected: at every heartbeat, so that nothing can be left behind for ever. */
    void sweep() {
        lanes.sweep();
        task.signal();
    }

    void close() {
        closed = true;
    }

    private void readWhileThereIsRoom() {
        foundRows = false;
        boolean more = true;
        Duration pause = null;
        while (more && lease.holds() && !closed) {
            try {
                more = read();
                storeFailures = 0;
            } catch (OutboxStoreException e) {
                lanes.laneReadFailed();
                storeFailures++;
                pause = parts.delay(storeFailures);
                log.warn("Outbox lanes not read nextAttemptInMillis={}", pause.toMillis(), e);
                more = false;
            }
            send.run();
        }
        if (pause != null || lanes.sharing() != Sharing.SOLE) {
            Duration poll = parts.settings().lanePoll();
            readAgainAfter(pause != null ? pause : foundRows ? poll : poll.multipliedBy(IDLE_FACTOR));
        }
    }

    private void readAgainAfter(Duration pause) {
        if (!closed && timerSet.compareAndSet(false, true)) {
            parts.timers().after(pause, () -> {
                timerSet.set(false);
                task.signal();
            });
        }
    }

    /** @return whether to go on at once */
    private boolean read() {
        int half = Math.max(1, parts.settings().memoryEntries() / 2);
        // More than one statement's worth: each read lists what is in memory again.
        int wanted = Math.min(
                Math.max(parts.settings().readBatch(), half / 2),
                weight.rowsIn(parts.settings().memoryBytes() / 2));
        LaneRead read = lanes.beginLaneRead(wanted);
        if (read == null) {
            return false;
        }
        List<RowPlace> listed = parts.store().waiting(read.owners(), read.limit());
        List<RowPlace> missing = lanes.missing(read, listed);
        List<OutboxEntry> fetched = fetch(missing);
        List<OutboxEntry> rows = holdBack.sort(read, fetched);
        if (rows == null) {
            lanes.laneReadFailed();
            whenRefused.run();
            return false;
        }
        boolean trimmed = missing.size() >= read.room();
        boolean whole = !trimmed && listed.size() < read.limit();
        long upTo = whole ? Long.MAX_VALUE : trimmed ? last(missing) : last(listed);
        lanes.loadLanes(read, rows, upTo);
        if (whole) {
            holdBack.unblock(read, listed);
        }
        weight.weigh(fetched);
        foundRows |= !fetched.isEmpty();
        if (!fetched.isEmpty()) {
            log.debug("Outbox lanes read lanes={} rows={}", read.lanes().size(), fetched.size());
        }
        return !whole && !fetched.isEmpty();
    }

    private static long last(List<RowPlace> places) {
        return places.isEmpty() ? 0 : places.get(places.size() - 1).id();
    }

    private List<OutboxEntry> fetch(List<RowPlace> places) {
        List<OutboxEntry> rows = new ArrayList<>(places.size());
        int batch = parts.settings().readBatch();
        for (int from = 0; from < places.size(); from += batch) {
            rows.addAll(parts.store().read(places.subList(from, Math.min(places.size(), from + batch))));
        }
        return rows;
    }
}
