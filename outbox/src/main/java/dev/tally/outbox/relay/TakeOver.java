package dev.tally.outbox.relay;

import dev.tally.outbox.NodesView;
import dev.tally.outbox.OutboxOwner;
import dev.tally.outbox.OutboxStoreException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Adopts what dead nodes kept, and finds out when everything older than this tenure is in memory. At every heartbeat:
 *
 * <ol>
 *   <li>What the table says about a pause is noted.
 *   <li>Nodes that are silent for too long, by the database's clock, are fenced and what they kept is adopted.
 *   <li>Owners that have rows but are not listed (a transaction that committed after its node was forgotten) are adopted.
 *   <li>Adopted owners without rows are forgotten, those with rows are read.
 *   <li>At the beginning of a tenure nothing is read, and the gate to the lanes is closed, until each owner with rows that
 *       can have keys is adopted or seen alive; then everything is read once, by id, and the gate opens: a row of theirs
 *       could be older than what is in the lanes for the same key.
 *   <li>{@link Membership} acts on who is left, and {@link LaneMarks} on what is to be known of the lanes that are kept then.
 * </ol>
 */
final class TakeOver {

    private static final Logger log = LoggerFactory.getLogger(TakeOver.class);

    private final RelayParts parts;
    private final String node;
    private final String spillOwner;
    private final Lanes lanes;
    private final ReadBacklog read;
    private final PauseGate pause;
    private final List<OpenTransactions> earlier;
    private final SerialTask task;
    private final Membership membership;
    private final LaneMarks marks;
    private final Map<String, Instant> firstHeartbeats = new HashMap<>();

    TakeOver(
            RelayParts parts,
            String node,
            String spillOwner,
            Lanes lanes,
            ReadBacklog read,
            PauseGate pause,
            Membership membership,
            LaneMarks marks,
            List<OpenTransactions> earlier) {
        this.parts = parts;
        this.node = node;
        this.spillOwner = spillOwner;
        this.lanes = lanes;
        this.read = read;
        this.pause = pause;
        this.membership = membership;
        this.marks = marks;
        this.earlier = earlier;
        this.task = new SerialTask("take over", parts.timers(), this::look);
    }

    void signal() {
        task.signal();
    }

    private void look() {
        try {
            // Before the rows are looked at: what ends later may have rows that this look does not see.
            boolean earlierEnded = earlier.stream().allMatch(OpenTransactions::isNone);
            NodesView first = parts.nodes().view(parts.settings().nodeExpiry());
            pause.seen(first.paused());
            NodesView view = adoptOrphans(first);
            List<OutboxOwner> owners = view.owners();
            Set<String> withRows = parts.store().ownersWithRows();
            withRows.remove(node);
            withRows.remove(spillOwner);
            Map<String, Long> epochs = adoptUnlisted(owners, withRows);
            Set<String> mine = epochs.keySet();
            forgetEmpty(mine, withRows);
            Set<String> adoptedWithRows = new HashSet<>(mine);
            adoptedWithRows.retainAll(withRows);
            lanes.adopted(epochs);
            if (lanes.isGateOpen()) {
                read.adopted(adoptedWithRows);
            } else if (earlierEnded && isEverythingOlderKnown(owners, mine, withRows)) {
                read.adopted(adoptedWithRows);
                openGateIfNothingIsOlder(adoptedWithRows);
            }
            membership.update(view, earlierEnded);
            marks.look();
        } catch (OutboxStoreException e) {
            log.warn("Could not look for dead outbox nodes node={}; looks again at the next heartbeat", node, e);
        }
    }

    private NodesView adoptOrphans(NodesView view) {
        Set<String> deadKeepers = view.owners().stream()
                .filter(OutboxOwner::orphaned)
                .map(OutboxOwner::keeper)
                .filter(keeper -> !keeper.equals(node))
                .collect(Collectors.toSet());
        boolean adopted = false;
        for (String dead : deadKeepers) {
            if (parts.nodes().adopt(node, dead, parts.settings().nodeExpiry())) {
                log.info("Outbox node is dead, its rows are taken over deadNode={} node={}", dead, node);
                parts.listener().takenOver(dead);
                adopted = true;
            }
        }
        return adopted ? parts.nodes().view(parts.settings().nodeExpiry()) : view;
    }

    /** @return the adopted owners but for lanes, with their epochs, the unlisted ones among them */
    private Map<String, Long> adoptUnlisted(List<OutboxOwner> owners, Set<String> withRows) {
        Set<String> listed = owners.stream().map(OutboxOwner::owner).collect(Collectors.toSet());
        Map<String, Long> mine = new HashMap<>();
        owners.stream()
                .filter(owner -> owner.keeper().equals(node) && !LaneNames.isLane(owner.owner()))
                .forEach(owner -> mine.put(owner.owner(), owner.epoch()));
        mine.remove(node);
        mine.remove(spillOwner);
        for (String owner : withRows) {
            if (!listed.contains(owner) && parts.nodes().adoptUnlisted(node, owner)) {
                log.info("Outbox rows that nobody kept are taken over owner={} node={}", owner, node);
                parts.listener().takenOver(owner);
                mine.put(owner, 0L);
            }
        }
        return mine;
    }

    private void forgetEmpty(Set<String> mine, Set<String> withRows) {
        for (String owner : mine) {
            if (!withRows.contains(owner) && parts.nodes().forget(node, owner)) {
                log.debug("Outbox owner has no rows left and is forgotten owner={}", owner);
            }
        }
    }

    /**
     * Whether each owner whose rows can have keys is adopted, or kept by a node that was seen alive. Before that, nothing is
     * read: what is adopted first may be younger than what expires last. Nodes that know lanes have no keys under their
     * names.
     */
    private boolean isEverythingOlderKnown(List<OutboxOwner> owners, Set<String> mine, Set<String> withRows) {
        Set<String> known = owners.stream()
                .filter(owner -> owner.seen() != null || isSeenAlive(owner))
                .map(OutboxOwner::owner)
                .collect(Collectors.toSet());
        known.addAll(mine);
        return known.containsAll(withRows);
    }

    private void openGateIfNothingIsOlder(Set<String> adoptedWithRows) {
        if (adoptedWithRows.stream().allMatch(read::isFullyRead)) {
            lanes.openGate();
            log.debug("Everything older is in the lanes node={}", node);
            read.signal();
        }
    }

    private boolean isSeenAlive(OutboxOwner owner) {
        Instant heartbeat = owner.keeperHeartbeat();
        if (heartbeat == null || owner.orphaned() || owner.keeper().equals(node)) {
            return false;
        }
        Instant first = firstHeartbeats.putIfAbsent(owner.keeper(), heartbeat);
        return first != null && !first.equals(heartbeat);
    }
}
