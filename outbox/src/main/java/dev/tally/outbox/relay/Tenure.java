package dev.tally.outbox.relay;

import dev.tally.message.Message;
import dev.tally.outbox.EntryHandOff.Admission;
import dev.tally.outbox.OutboxEntry;
import dev.tally.outbox.WaitingRows;
import dev.tally.publish.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/**
 * One identity of a node, from its registration until it is fenced or released, with all duties wired. What a tenure
 * holds in memory ends with it; its rows are then sent by the next tenure or another node.
 */
final class Tenure {

    private final RelayParts parts;
    private final String node;
    private final String spillOwner;
    private final OpenTransactions open = new OpenTransactions();
    private final Lanes lanes;
    private final Lease lease;
    private final SendBatch send;
    private final CompleteBatch complete;
    private final ReadBacklog read;
    private final ReadLanes readLanes;
    private final ReleaseDue due;
    private final Membership membership;
    private final TakeOver takeOver;
    private final DecideUnknown decide;
    private final Heartbeat heartbeat;
    private final Runnable whenRenewed;

    /**
     * Wires the duties.
     *
     * @param generation the one that began with this node
     * @param whenMember told when {@link #isMember} may have become true
     */
    Tenure(
            RelayParts parts,
            String node,
            Instant registeredAt,
            long generation,
            Circuit circuit,
            List<OpenTransactions> earlier,
            Runnable whenFenced,
            Runnable whenMember) {
        this.parts = parts;
        this.node = node;
        this.spillOwner = spillOwnerOf(node);
        this.whenRenewed = whenMember;
        this.lanes = new Lanes(parts.settings(), parts.clock(), this::look, this::goOnReading);
        this.lease = new Lease(parts.clock(), parts.settings(), registeredAt);
        this.read = new ReadBacklog(parts, lanes, lease, spillOwner, this::signalSend);
        this.readLanes = new ReadLanes(parts, node, lanes, lease, this::signalSend, this::look);
        this.due = new ReleaseDue(parts, spillOwner, lanes, lease, read);
        this.complete = new CompleteBatch(parts, lanes, this::goOnReading);
        PauseGate pause = new PauseGate(node, this::signalSend);
        ParkEntry park = new ParkEntry(parts, node, lanes, this::signalSend, this::look);
        RetryEntry retry = new RetryEntry(parts, node, lanes, circuit, park, this::signalSend);
        this.send = new SendBatch(parts, lanes, lease, pause, circuit, complete, retry);
        this.membership = new Membership(parts, node, generation, lanes, readLanes, whenMember, this::look);
        LaneMarks marks = new LaneMarks(parts, lanes, readLanes::signal);
        this.takeOver = new TakeOver(parts, node, spillOwner, lanes, read, pause, membership, marks, earlier);
        this.decide = new DecideUnknown(parts);
        this.heartbeat = new Heartbeat(parts, node, lease, circuit::isClosed, this::beat, whenFenced);
    }

    static String spillOwnerOf(String node) {
        return node + "~";
    }

    String node() {
        return node;
    }

    OpenTransactions openTransactions() {
        return open;
    }

    int pendingInMemory() {
        return lanes.size();
    }

    void start() {
        heartbeat.start();
        takeOver.signal();
    }

    /** The transport takes messages again. */
    void outageOver() {
        lanes.outageOver();
        if (lanes.isEndUnknown()) {
            look();
        }
    }

    void signalSend() {
        send.signal();
    }

    private void goOnReading() {
        read.goOn();
        readLanes.goOn();
    }

    private void look() {
        takeOver.signal();
    }

    private void beat() {
        whenRenewed.run();
        takeOver.signal();
        read.signal();
        readLanes.sweep();
        due.signal();
        send.signal();
    }

    /** Whether all other nodes know of this one, and cannot have taken it for dead. */
    boolean isMember() {
        return membership.hasJoined() && lease.holds();
    }

    /** Finds out at once whether this node is still alive for the others. */
    void renew() {
        if (!lease.holds()) {
            heartbeat.now();
        }
    }

    /**
     * Makes room.
     *
     * @param scheduled those of the messages that wait in the table for their time
     */
    Admission admit(List<Message> messages, Set<Message> scheduled) {
        open.opened();
        List<Message> sentNow = scheduled.isEmpty()
                ? messages
                : messages.stream()
                        .filter(message -> !scheduled.contains(message))
                        .toList();
        return new Admitting(sentNow, scheduled, lanes.admit(sentNow));
    }

    /** Waits until everything in memory is sent and removed, at most as long as the settings say. */
    boolean drain() throws InterruptedException {
        Duration limit = parts.settings().drainLimit();
        try {
            lanes.drained().get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("Draining never fails", e);
        }
    }

    /** Ends all duties; what was confirmed until now is removed first if {@code flush}. */
    void close(boolean flush) {
        heartbeat.close();
        decide.close();
        readLanes.close();
        if (flush) {
            complete.flush();
        }
        lanes.close();
    }

    /** A transaction whose entries are in memory, or wait in the table, or some of both. */
    private final class Admitting implements Admission {

        private final List<Message> messages;
        private final Set<Message> scheduled;
        private final Admitted as;

        Admitting(List<Message> messages, Set<Message> scheduled, Admitted as) {
            this.messages = messages;
            this.scheduled = scheduled;
            this.as = as;
        }

        private boolean isHeld(Message message) {
            return !scheduled.contains(message) && (message.key() == null ? as.unkeyed() : as.keyed());
        }

        private boolean isInTable(Message message) {
            return !scheduled.contains(message) && message.key() != null && !as.keyed();
        }

        private int spilled() {
            return as.unkeyed()
                    ? 0
                    : (int) messages.stream()
                            .filter(message -> message.key() == null)
                            .count();
        }

        @Override
        public String owner(Message message) {
            if (scheduled.contains(message)) {
                return WaitingRows.SCHEDULED;
            }
            String key = message.key();
            if (key != null) {
                return parts.laneNames().of(key);
            }
            return as.unkeyed() ? node : spillOwner;
        }

        @Override
        public void abandoned() {
            lanes.abandon((int) messages.stream().filter(this::isHeld).count());
            lanes.notSpilled(spilled());
            lanes.decidedInTable(as);
            open.ended();
        }

        @Override
        public Settlement inserted(List<OutboxEntry> entries) {
            List<HeldEntry> reserved = lanes.reserve(
                    only(entries, entry -> isHeld(entry.message())),
                    entries.get(entries.size() - 1).id());
            List<OutboxEntry> inTable = only(entries, entry -> isInTable(entry.message()));
            entries.forEach(parts.listener()::stored);
            List<OutboxEntry> spilled = only(entries, entry -> entry.owner().equals(spillOwner));
            long lowestSpilled = spilled.isEmpty() ? 0 : spilled.get(0).id();
            if (lowestSpilled > 0) {
                read.spilledInserted(lowestSpilled);
            }
            return new Settlement() {
                @Override
                public void committed() {
                    lanes.committed(reserved);
                    decided(true);
                    if (!inTable.isEmpty() && inTable.stream().anyMatch(row -> lanes.isKept(row.owner()))) {
                        readLanes.signal();
                    }
                    if (!scheduled.isEmpty()) {
                        // Sets its timer.
                        due.signal();
                    }
                }

                @Override
                public void rolledBack() {
                    lanes.rolledBack(reserved);
                    lanes.notSpilled(spilled());
                    decided(false);
                }

                private void decided(boolean committed) {
                    if (as.ticket() > 0) {
                        lanes.decidedInTable(as);
                    }
                    if (lowestSpilled > 0) {
                        read.spilledDecided(lowestSpilled, committed);
                    }
                    open.ended();
                    send.signal();
                }

                @Override
                public void unknown() {
                    // Nothing in memory depends on scheduled rows, and others may have let them go.
                    List<OutboxEntry> asked = entries.stream()
                            .filter(entry -> !scheduled.contains(entry.message()))
                            .toList();
                    if (asked.isEmpty()) {
                        committed();
                    } else {
                        decide.add(asked, row -> isOurs(row, reserved), this);
                    }
                }
            };
        }

        /** Without a copy in the usual case, in which it is all of them or none. */
        private static List<OutboxEntry> only(List<OutboxEntry> entries, Predicate<OutboxEntry> wanted) {
            int count = 0;
            for (OutboxEntry entry : entries) {
                count += wanted.test(entry) ? 1 : 0;
            }
            return count == 0
                    ? List.of()
                    : count == entries.size()
                            ? entries
                            : entries.stream().filter(wanted).toList();
        }

        /** Rows without a key are this node's; one of a lane is as long as its entry is in memory. */
        private boolean isOurs(OutboxEntry row, List<HeldEntry> reserved) {
            return !LaneNames.isLane(row.owner())
                    || reserved.stream().anyMatch(entry -> entry.id() == row.id() && lanes.holds(entry));
        }
    }
}
