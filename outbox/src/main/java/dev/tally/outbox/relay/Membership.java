package dev.tally.outbox.relay;

import dev.tally.outbox.NodesView;
import dev.tally.outbox.OutboxOwner;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node among the others: who may write rows with keys, and which lanes it keeps. Asked at every look at the nodes.
 *
 * <ol>
 *   <li>A node that sees others first stops admitting messages with keys to memory, and then says which generation of
 *       nodes it has seen.
 *   <li>A node has joined, and may write rows with keys, when all others have seen it, or are fenced.
 *   <li>A lane that another node should keep is given to it when nothing of it is under way any more. What is in memory of
 *       it is forgotten; the rows are in the table.
 *   <li>A node that is alone, keeps all lanes, and has seen every transaction end that was open when the last other node
 *       was gone, is the only one that writes: see {@link Sharing}.
 * </ol>
 */
final class Membership {

    private static final Logger log = LoggerFactory.getLogger(Membership.class);

    /** While something is awaited, looks are this many times as frequent as heartbeats. */
    private static final int SOONER = 10;

    private static final Duration SLOWEST = Duration.ofSeconds(2);

    private final RelayParts parts;
    private final String node;
    private final long generation;
    private final LaneNames names;
    private final Lanes lanes;
    private final ReadLanes read;
    private final Runnable whenJoined;
    private final Runnable lookAgain;
    private final AtomicBoolean timerSet = new AtomicBoolean();
    private volatile boolean joined;
    private boolean ready;
    private long acknowledged;
    private boolean acknowledgedReady;
    private @Nullable Set<String> strangers;
    private @Nullable Instant aloneSince;

    Membership(
            RelayParts parts,
            String node,
            long generation,
            Lanes lanes,
            ReadLanes read,
            Runnable whenJoined,
            Runnable lookAgain) {
        this.parts = parts;
        this.node = node;
        this.generation = generation;
        this.acknowledged = generation;
        this.names = parts.laneNames();
        this.lanes = lanes;
        this.read = read;
        this.whenJoined = whenJoined;
        this.lookAgain = lookAgain;
    }

    /** Whether this node may write rows with keys, as long as its lease holds. */
    boolean hasJoined() {
        return joined;
    }

    /**
     * Acts on who is there.
     *
     * @param view everybody who could be writing is in it
     * @param earlierEnded whether all transactions of this process from before this tenure have ended
     */
    void update(NodesView view, boolean earlierEnded) {
        List<OutboxOwner> others = view.owners().stream()
                .filter(OutboxOwner::isMember)
                .filter(owner -> !owner.keeper().equals(node))
                .toList();
        if (!others.isEmpty()) {
            strangers = null;
            aloneSince = null;
            if (lanes.sharing() != Sharing.SHARED) {
                log.info("Outbox lanes are shared with other nodes node={} others={}", node, others.size());
            }
            lanes.share();
            read.signal();
        }
        acknowledge(view.generation());
        join(others);
        keepLanes(view, others);
        ready = joined && lanes.isGateOpen();
        acknowledge(view.generation());
        if (others.isEmpty()) {
            becomeSole(earlierEnded);
        }
    }

    /** After everything that this node does differently because of the nodes up to this generation. */
    private void acknowledge(long seen) {
        if (seen == acknowledged && ready == acknowledgedReady) {
            return;
        }
        if (parts.nodes().acknowledge(node, seen, ready)) {
            acknowledged = seen;
            acknowledgedReady = ready;
        }
    }

    private void join(List<OutboxOwner> others) {
        if (joined) {
            return;
        }
        boolean known = others.stream().allMatch(other -> other.seen() != null && other.seen() >= generation);
        if (known) {
            joined = true;
            log.debug("Outbox node has joined node={} others={}", node, others.size());
            whenJoined.run();
        } else {
            lookAgainSoon();
        }
    }

    private void keepLanes(NodesView view, List<OutboxOwner> others) {
        Set<String> able = others.stream()
                .filter(other -> other.ready() && !other.orphaned())
                .map(OutboxOwner::keeper)
                .collect(Collectors.toSet());
        if (ready || able.isEmpty()) {
            able.add(node);
        }
        Map<String, String> shares = LaneShares.of(names.all(), able);
        Map<String, OutboxOwner> listed = view.owners().stream()
                .filter(owner -> LaneNames.isLane(owner.owner()))
                .collect(Collectors.toMap(OutboxOwner::owner, owner -> owner));
        for (String lane : names.all()) {
            OutboxOwner row = listed.get(lane);
            String keeper = shares.getOrDefault(lane, node);
            if (row == null) {
                lanes.drop(lane);
                if (keeper.equals(node) && parts.nodes().adoptUnlisted(node, lane)) {
                    lanes.keep(lane, 0);
                }
            } else if (row.keeper().equals(node)) {
                lanes.keep(lane, row.epoch());
                give(lane, row.epoch(), keeper);
            } else {
                lanes.drop(lane);
            }
        }
    }

    private void give(String lane, long epoch, String keeper) {
        boolean leaving = !keeper.equals(node);
        boolean idle = lanes.leave(lane, leaving);
        if (leaving && idle) {
            lanes.drop(lane);
            parts.nodes().handOver(lane, node, epoch, keeper);
            log.debug("Outbox lane given lane={} node={} to={}", lane, node, keeper);
        }
    }

    private void becomeSole(boolean earlierEnded) {
        Map<String, Long> kept = lanes.keptLanes();
        if (lanes.sharing() != Sharing.SHARED
                || !lanes.isGateOpen()
                || !earlierEnded
                || !kept.keySet().containsAll(names.all())) {
            return;
        }
        if (strangersHaveEnded()) {
            lanes.enter();
            log.debug("Outbox node is alone node={}", node);
            read.signal();
        } else {
            lookAgainSoon();
        }
    }

    /**
     * Whether every transaction has ended that was open when this node was first alone: a node that was paused or cut off
     * may have left some behind, and they may yet commit.
     */
    private boolean strangersHaveEnded() {
        Set<String> open = parts.nodes().openTransactions();
        if (open == null) {
            Instant now = parts.clock().instant();
            if (aloneSince == null) {
                aloneSince = now;
            }
            return !now.isBefore(aloneSince.plus(parts.settings().strangerLimit()));
        }
        if (strangers == null) {
            strangers = new HashSet<>(open);
        } else {
            strangers.retainAll(open);
        }
        return strangers.isEmpty();
    }

    private void lookAgainSoon() {
        if (timerSet.compareAndSet(false, true)) {
            Duration heartbeat = parts.settings().heartbeat();
            Duration soon = heartbeat.compareTo(SLOWEST) < 0 ? heartbeat : SLOWEST;
            parts.timers().after(soon.dividedBy(SOONER), () -> {
                timerSet.set(false);
                lookAgain.run();
            });
        }
    }
}
