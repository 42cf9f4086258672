package dev.tally.outbox.relay;

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
 * Adopts what dead nodes kept, and finds out when everything older than this tenure is in the lanes. At every heartbeat:
 *
 * <ol>
 *   <li>Nodes that are silent for too long, by the database's clock, are fenced and what they kept is adopted.
 *   <li>Owners that have rows but are not listed (a transaction that committed after its node was forgotten) are adopted.
 *   <li>Adopted owners without rows are forgotten, those with rows are read.
 *   <li>At the beginning of a tenure nothing is read, and the gate for keyed entries is closed, until each owner with rows
 *       is adopted or seen alive; then everything is read once, by id, and the gate opens: a row of theirs could be older
 *       than what this node publishes for the same key.
 * </ol>
 */
final class TakeOver {

    private static final Logger log = LoggerFactory.getLogger(TakeOver.class);

    private final RelayParts parts;
    private final String node;
    private final String spillOwner;
    private final Lanes lanes;
    private final ReadBacklog read;
    private final List<OpenTransactions> earlier;
    private final SerialTask task;
    private final Map<String, Instant> firstHeartbeats = new HashMap<>();

    TakeOver(
            RelayParts parts,
            String node,
            String spillOwner,
            Lanes lanes,
            ReadBacklog read,
            List<OpenTransactions> earlier) {
        this.parts = parts;
        this.node = node;
        this.spillOwner = spillOwner;
        this.lanes = lanes;
        this.read = read;
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
            List<OutboxOwner> owners =
                    adoptOrphans(parts.nodes().owners(parts.settings().nodeExpiry()));
            Set<String> withRows = parts.store().ownersWithRows();
            withRows.remove(node);
            withRows.remove(spillOwner);
            Set<String> mine = adoptUnlisted(owners, withRows);
            forgetEmpty(mine, withRows);
            Set<String> adoptedWithRows = new HashSet<>(mine);
            adoptedWithRows.retainAll(withRows);
            if (lanes.isGateOpen()) {
                read.adopted(adoptedWithRows);
            } else if (earlierEnded && isEverythingOlderKnown(owners, mine, withRows)) {
                read.adopted(adoptedWithRows);
                openGateIfNothingIsOlder(adoptedWithRows);
            }
        } catch (OutboxStoreException e) {
            log.warn("Could not look for dead outbox nodes node={}; looks again at the next heartbeat", node, e);
        }
    }

    private List<OutboxOwner> adoptOrphans(List<OutboxOwner> owners) {
        Set<String> deadKeepers = owners.stream()
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
        return adopted ? parts.nodes().owners(parts.settings().nodeExpiry()) : owners;
    }

    /** @return the adopted owners, the unlisted ones among them */
    private Set<String> adoptUnlisted(List<OutboxOwner> owners, Set<String> withRows) {
        Set<String> listed = owners.stream().map(OutboxOwner::owner).collect(Collectors.toSet());
        Set<String> mine = owners.stream()
                .filter(owner -> owner.keeper().equals(node))
                .map(OutboxOwner::owner)
                .collect(Collectors.toSet());
        mine.remove(node);
        mine.remove(spillOwner);
        for (String owner : withRows) {
            if (!listed.contains(owner) && parts.nodes().adoptUnlisted(node, owner)) {
                log.info("Outbox rows that nobody kept are taken over owner={} node={}", owner, node);
                parts.listener().takenOver(owner);
                mine.add(owner);
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
     * Whether each owner with rows is adopted, or kept by a node that was seen alive. Before that, nothing is read: what is
     * adopted first may be younger than what expires last.
     */
    private boolean isEverythingOlderKnown(List<OutboxOwner> owners, Set<String> mine, Set<String> withRows) {
        Set<String> known = owners.stream()
                .filter(this::isSeenAlive)
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
