package dev.tally.outbox.relay;

import dev.tally.message.Message;
import dev.tally.outbox.BlockedKey;
import dev.tally.outbox.OutboxEntry;
import dev.tally.outbox.OutboxSettings;
import dev.tally.outbox.RowPlace;
import dev.tally.outbox.relay.HeldEntry.Origin;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The entries that one tenure holds in memory, and their order. One lock, held for moments only.
 *
 * <ol>
 *   <li>Rows with a key are written under their lane, the others under the node's name. What is in memory is a copy.
 *   <li>While this node is the only one ({@link Sharing#SOLE}), a transaction is admitted to memory if there is room and
 *       none of its keys has rows waiting in the table. While there are others ({@link Sharing#SHARED}), nothing with a
 *       key is: the table, and the order in it, is the only truth, and is read before anything is sent.
 *   <li>An inserted entry takes its place in its key's queue, undecided; commit marks it, rollback removes it.
 *   <li>The head of a queue, once committed, is ready if this node keeps its lane; the queue waits until it is confirmed or
 *       given up. Entries without a key are ready when committed.
 *   <li>A confirmed entry leaves its queue at once, and memory when its row is removed.
 * </ol>
 */
final class Lanes {

    private final OutboxSettings settings;
    private final Runnable laneIdle;
    private final ReadyEntries ready;
    private final HeldEntries held;
    private final MemoryRoom room;
    private final OutageBacklog outage;
    private final KeptLanes kept = new KeptLanes();
    private final SpilledKeys spilled = new SpilledKeys();
    private final BlockedKeys blocked = new BlockedKeys();
    private final BlockedQueues blockedQueues;
    private final SharingState sharing = new SharingState();
    private final ReadWindow backlogWindow = new ReadWindow();
    private final ReadWindow laneWindow = new ReadWindow();
    private final CompletableFuture<Void> whenDrained = new CompletableFuture<>();

    private Map<String, Long> adoptedEpochs = Map.of();
    private long spilledUnkeyed;
    private int inFlight;
    private boolean gateOpen;
    private boolean draining;
    private boolean closed;

    /**
     * Creates empty ones.
     *
     * @param laneIdle told when nothing of a lane that is to be given up is under way any more; must be quick
     * @param roomFreed told when a read has left room over that another one would have needed; must be quick
     */
    Lanes(OutboxSettings settings, InstantSource clock, Runnable laneIdle, Runnable roomFreed) {
        this.settings = settings;
        DrainRate drainRate = new DrainRate(settings.drainRate(), clock);
        this.ready = new ReadyEntries(drainRate);
        this.held = new HeldEntries(this::mayGo, ready::add);
        this.room = new MemoryRoom(settings, held, roomFreed);
        this.outage = new OutageBacklog(drainRate, ready, held);
        this.blockedQueues = new BlockedQueues(blocked, held, spilled, this::forget);
        this.laneIdle = laneIdle;
    }

    /** Makes room for the messages of one transaction as far as they may be in memory, and notes the others. */
    synchronized Admitted admit(List<Message> messages) {
        int keyed =
                (int) messages.stream().filter(message -> message.key() != null).count();
        int unkeyed = messages.size() - keyed;
        boolean keyedHeld = false;
        boolean unkeyedHeld;
        if (keyed > 0 && !sharing.is(Sharing.SHARED)) {
            // While this node enters, a read that is still to come tells what is older, see reserve.
            keyedHeld = room.fits(messages.size())
                    && messages.stream().noneMatch(m -> blocked.mayHave(m.key()))
                    && (sharing.is(Sharing.ENTERING) || messages.stream().noneMatch(m -> spilled.mayHave(m.key())));
            unkeyedHeld = keyedHeld;
            if (!keyedHeld && sharing.is(Sharing.ENTERING)) {
                sharing.share();
            }
        } else {
            unkeyedHeld = room.fits(unkeyed);
        }
        long ticket = keyed > 0 && !keyedHeld ? spilled.open(messages) : 0;
        spilledUnkeyed += unkeyedHeld ? 0 : unkeyed;
        room.admit((keyedHeld ? keyed : 0) + (unkeyedHeld ? unkeyed : 0));
        return new Admitted(keyedHeld, unkeyedHeld, ticket);
    }

    /** Entries that were admitted to memory but not inserted. */
    synchronized void abandon(int messages) {
        room.noLongerAdmitted(messages);
    }

    /** A transaction with keys that was not admitted to memory is decided, or was not inserted. */
    synchronized void decidedInTable(Admitted as) {
        spilled.decided(as.ticket());
    }

    /**
     * Gives inserted entries their places.
     *
     * @param lastId the highest id of their transaction
     */
    synchronized List<HeldEntry> reserve(List<OutboxEntry> entries, long lastId) {
        outage.saw(lastId);
        room.noLongerAdmitted(entries.size());
        List<HeldEntry> reserved = new ArrayList<>(entries.size());
        for (OutboxEntry entry : entries) {
            KeptLane lane = kept.get(entry.owner());
            boolean inLane = LaneNames.isLane(entry.owner());
            // Where others may be writing, something older may be in the table that is not in memory.
            long afterRead = inLane ? sharing.nextRead() : 0;
            HeldEntry fresh = HeldEntry.fresh(entry, lane == null ? 0 : lane.epoch(), afterRead);
            reserved.add(fresh);
            // Of a lane that was given up meanwhile the row is in the table, for its new keeper.
            if (!closed && (!inLane || lane != null)) {
                held.hold(fresh);
            }
        }
        return reserved;
    }

    synchronized boolean holds(HeldEntry entry) {
        return held.holds(entry);
    }

    /** Marks entries of a transaction that has committed. */
    synchronized void committed(List<HeldEntry> entries) {
        for (HeldEntry entry : entries) {
            entry.markCommitted();
            if (held.holds(entry) && !blockedQueues.sendBackIfBehind(entry)) {
                held.makeReady(entry);
            }
        }
    }

    /** Removes entries of a transaction that has rolled back. */
    synchronized void rolledBack(List<HeldEntry> entries) {
        entries.forEach(this::forget);
    }

    private void forget(HeldEntry entry) {
        held.leaveQueue(entry);
        release(entry);
    }

    private void release(HeldEntry entry) {
        if (!held.release(entry)) {
            return;
        }
        backlogWindow.left(entry.id());
        laneWindow.left(entry.id());
        if (draining && held.isEmpty()) {
            whenDrained.complete(null);
        }
    }

    /** Whether this node may send the entry: it keeps its lane, and nothing older can be unknown to it. */
    private boolean mayGo(HeldEntry entry) {
        return entry.lane() == null || (kept.maySend(entry.lane()) && entry.afterRead() == 0 && blocked.mayGo(entry));
    }

    /** Takes entries to send. */
    synchronized List<HeldEntry> take(int limit) {
        List<HeldEntry> batch = ready.take(Math.min(limit, settings.maxInFlight() - inFlight), this::isTaken);
        inFlight += batch.size();
        return batch;
    }

    private boolean isTaken(HeldEntry entry) {
        if (!held.holds(entry)) {
            return false;
        }
        if (entry.lane() != null && blockedQueues.sendBackIfBehind(entry)) {
            return false;
        }
        if (!mayGo(entry)) {
            held.deactivate(entry);
            return false;
        }
        kept.handedOut(entry.lane());
        return true;
    }

    /** The broker has confirmed an entry: the next of its key may go. */
    synchronized void sent(HeldEntry entry) {
        inFlight--;
        held.leaveQueue(entry);
    }

    /** Sending an entry failed; it keeps its place. */
    synchronized void failed(HeldEntry entry) {
        inFlight--;
        cameBack(entry);
    }

    private void cameBack(HeldEntry entry) {
        KeptLane lane = kept.get(entry.lane());
        if (lane != null && lane.epoch() == entry.epoch()) {
            lane.cameBack();
            if (lane.isLeaving() && !lane.isBusy()) {
                laneIdle.run();
            }
        }
    }

    /** An entry that failed may be sent again. */
    synchronized void retry(HeldEntry entry) {
        if (held.holds(entry)) {
            ready.add(entry);
        }
    }

    /** An entry that failed while the circuit was open may be sent again, after the others. */
    synchronized void handBack(HeldEntry entry) {
        entry.countHandedBack();
        retry(entry);
    }

    /** When to take the next of the backlog, where the drain rate holds it back; {@code null} if it does not. */
    synchronized @Nullable Duration untilMore() {
        return ready.untilMore();
    }

    /** The transport takes messages again: what was published until now is backlog. */
    synchronized void outageOver() {
        outage.outageOver(sharing.is(Sharing.SOLE));
    }

    /** Whether there may be backlog in lanes with ids that are not known here. */
    synchronized boolean isEndUnknown() {
        return outage.isEndUnknown();
    }

    /** Everything in lanes up to this id waits since before. */
    synchronized void lanesBacklogUpTo(long id) {
        outage.lanesUpTo(id);
    }

    /** An entry is given up, and its key waits for a person. */
    synchronized void blocked(HeldEntry entry, BlockedKey mark) {
        blockedQueues.block(entry, mark);
    }

    /** An entry was to be given up, and its key blocked, but somebody else has done something to it: see what. */
    synchronized void notBlocked(HeldEntry entry) {
        blockedQueues.askAgain(entry);
    }

    synchronized @Nullable BlockedKey blockedBefore(OutboxEntry row) {
        return blocked.before(row);
    }

    /**
     * Takes which keys are blocked.
     *
     * @param asked the lanes that were kept, and their epochs, before that was read
     * @return whether there is something new to read
     */
    synchronized boolean marked(Map<String, Long> asked, List<BlockedKey> marks) {
        return blockedQueues.take(asked, keptLanes(), marks);
    }

    /** All rows of a key that was blocked are in its lane. */
    synchronized void unblocked(BlockedKey mark) {
        blocked.remove(mark);
        spilled.note(mark.key());
    }

    /** So many rows without an order are in the table for this node to read. */
    synchronized void spilled(int rows) {
        spilledUnkeyed += rows;
    }

    /** An entry is given up: its key goes on. */
    synchronized void givenUp(HeldEntry entry) {
        if (held.holds(entry)) {
            forget(entry);
        }
    }

    /** Rows are removed. */
    synchronized void removed(Collection<HeldEntry> entries) {
        for (HeldEntry entry : entries) {
            if (held.holds(entry)) {
                release(entry);
                cameBack(entry);
            }
        }
    }

    /** How many rows may be read back now. */
    synchronized int roomForBacklog() {
        return closed || draining ? 0 : room.forReading();
    }

    /**
     * Begins to read the backlog, if there is room for {@code most} rows, or almost: waits for room worth a statement,
     * instead of reading row by row as each leaves. Must come before the statement: ids that leave memory from now on may
     * still be in what it reads.
     *
     * @return how many rows may be read, for which room is kept until they are loaded; 0 if there is none
     */
    synchronized int beginRead(int most) {
        int rows = closed || draining ? 0 : room.reserveForBacklog(most);
        if (rows > 0) {
            backlogWindow.begin();
        }
        return rows;
    }

    private void endRead() {
        backlogWindow.end();
        room.backlogRead();
    }

    private void endLaneRead() {
        laneWindow.end();
        room.lanesRead();
    }

    /** Takes what was read back, but for what is or was in memory. */
    synchronized void load(List<OutboxEntry> rows, Origin origin) {
        List<HeldEntry> loaded = new ArrayList<>();
        for (OutboxEntry row : rows) {
            if (closed || held.holds(row.id()) || backlogWindow.hasLeft(row.id())) {
                continue;
            }
            HeldEntry entry = HeldEntry.readBack(row, origin, adoptedEpochs.getOrDefault(row.owner(), 0L));
            held.hold(entry);
            loaded.add(entry);
            spilledUnkeyed -= origin == Origin.SPILLED && spilledUnkeyed > 0 ? 1 : 0;
        }
        endRead();
        loaded.forEach(held::makeReady);
    }

    synchronized void readFailed() {
        endRead();
    }

    /** Spilled messages without a key whose transaction rolled back, or whose rows were not inserted. */
    synchronized void notSpilled(int unkeyed) {
        spilledUnkeyed = Math.max(0, spilledUnkeyed - unkeyed);
    }

    synchronized long spilledWaiting() {
        return spilledUnkeyed;
    }

    /** The epochs of what this node has adopted, for what is read from now on. */
    synchronized void adopted(Map<String, Long> epochs) {
        adoptedEpochs = Map.copyOf(epochs);
    }

    synchronized int heldAdopted() {
        return held.adopted();
    }

    synchronized int size() {
        return room.taken();
    }

    /** Lets lanes be read: what nodes without lanes left behind is in memory. */
    synchronized void openGate() {
        gateOpen = true;
    }

    synchronized boolean isGateOpen() {
        return gateOpen;
    }

    /** Keeps a lane from now on. */
    synchronized void keep(String name, long epoch) {
        if (!closed && !kept.isKept(name, epoch)) {
            drop(name);
            kept.put(name, epoch);
            outage.laneCame();
        }
    }

    /** The lanes kept, and the epochs in which they are. */
    synchronized Map<String, Long> keptLanes() {
        return kept.epochs();
    }

    synchronized boolean isKept(String name) {
        return kept.get(name) != null;
    }

    /**
     * Sends nothing more of a lane; or goes on after all.
     *
     * @return whether nothing of it is under way
     */
    synchronized boolean leave(String name, boolean leaving) {
        KeptLane lane = kept.get(name);
        if (lane == null) {
            return true;
        }
        if (lane.isLeaving() != leaving) {
            lane.leave(leaving);
            sharing.share();
            if (!leaving) {
                held.ofLane(name).forEach(held::makeReady);
            }
        }
        return !lane.isBusy();
    }

    /** Forgets a lane: its rows are in the table, for its next keeper. */
    synchronized void drop(String name) {
        if (kept.remove(name)) {
            sharing.share();
            blocked.forget(name);
            held.ofLane(name).forEach(this::forget);
        }
    }

    synchronized Sharing sharing() {
        return sharing.current();
    }

    /** From here on, messages with keys are not admitted to memory: others may be writing. */
    synchronized void share() {
        sharing.share();
    }

    /** Nobody else writes any more, and what others have written is decided: the next whole read sees all of it. */
    synchronized void enter() {
        if (sharing.is(Sharing.SHARED) && gateOpen && !draining && !closed) {
            sharing.enter(spilled.next());
        }
    }

    /** Has the lanes looked at once more, even if nothing is expected there. */
    synchronized void sweep() {
        sharing.sweep();
    }

    /** Whether there may be something to read in the lanes; cheap. */
    synchronized boolean mayReadLanes() {
        boolean expected = sharing.isReadUseful() || spilled.isWaiting() || !blocked.isEmpty();
        return expected && gateOpen && !closed && !draining;
    }

    /** Begins to read the lanes, if that is of use now and there is room for {@code wanted} rows, or almost. */
    synchronized @Nullable LaneRead beginLaneRead(int wanted) {
        if (!mayReadLanes()) {
            return null;
        }
        Map<String, KeptLane> staying = kept.staying(blocked::isKnown);
        Map<String, BlockedKey> freed = blocked.freed(staying.keySet());
        boolean useful = sharing.isReadUseful() || spilled.isWaiting() || !freed.isEmpty();
        if (!useful || staying.isEmpty()) {
            return null;
        }
        int rows = room.reserveForLanes(wanted);
        if (rows == 0) {
            return null;
        }
        laneWindow.begin();
        return new LaneRead(sharing.beginRead(), staying, freed, held.size() + rows + 1, rows, spilled.decidedBelow());
    }

    /** Which rows of a read are not in memory, as far as there is room; the lowest ids first. */
    synchronized List<RowPlace> missing(LaneRead read, List<RowPlace> places) {
        return places.stream()
                .filter(place -> !held.holds(place.id()) && !laneWindow.hasLeft(place.id()))
                .limit(read.room())
                .toList();
    }

    /**
     * Takes rows of lanes.
     *
     * @param upTo up to which id all rows were seen, and taken unless they were in memory; the highest possible if all
     */
    synchronized void loadLanes(LaneRead read, List<OutboxEntry> rows, long upTo) {
        List<HeldEntry> loaded = new ArrayList<>();
        for (OutboxEntry row : rows) {
            outage.saw(row.id());
            KeptLane lane = kept.get(row.owner());
            boolean wanted = !closed && !held.holds(row.id()) && !laneWindow.hasLeft(row.id());
            if (!wanted || lane == null || !kept.isSameAsIn(read, row.owner())) {
                continue;
            }
            if (blocked.before(row) != null) {
                // Blocked since the read began: the next one takes it out of the lane.
                spilled.note(String.valueOf(row.message().key()));
                continue;
            }
            HeldEntry entry = HeldEntry.readBack(row, Origin.LANE, lane.epoch());
            held.hold(entry);
            loaded.add(entry);
        }
        endLaneRead();
        boolean all = upTo == Long.MAX_VALUE && kept.isAllOf(read);
        if (all) {
            spilled.readBelow(read.decidedBelow());
        }
        if (all && sharing.readAll(read)) {
            // Who is alone knows all there is, also what is older than what was inserted since this read began.
            held.wasRead(entry -> true);
        } else {
            held.wasRead(entry ->
                    entry.afterRead() <= read.number() && entry.id() <= upTo && kept.isSameAsIn(read, entry.lane()));
        }
        loaded.forEach(held::makeReady);
    }

    synchronized void laneReadFailed() {
        endLaneRead();
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
        blocked.clear();
        kept.clear();
        ready.clear();
        whenDrained.complete(null);
    }
}
