package dev.tally.transport.pulsar;

import dev.tally.transport.TransportException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves a group. Pulsar takes the connections of all its consumers, who connect again with all that they have in memory, and
 * with acknowledgements that count after the move. So it is done twice: the first time members find that a move is under way,
 * end what runs and subscribe again, paused; the second time, when all of them have done so, undoes what they have
 * acknowledged meanwhile. Then they go on. Thread-safe.
 */
final class GroupMove {

    private static final Logger LOG = LoggerFactory.getLogger(GroupMove.class);

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final SubscriptionAdmin admin;
    private final Duration limit;
    private final LongSupplier nanoTime;
    private final String subject;

    /**
     * @param limit how long members are waited for
     * @param subject the group, for people
     */
    GroupMove(SubscriptionAdmin admin, Duration limit, LongSupplier nanoTime, String subject) {
        this.admin = admin;
        this.limit = limit;
        this.nanoTime = nanoTime;
        this.subject = subject;
    }

    /**
     * @param id names this move, other than all others of the group
     * @throws TransportException that says which partitions were moved before
     */
    synchronized void move(Map<SubscriptionAdmin.Partition, Long> to, String id) {
        Map<SubscriptionAdmin.Partition, Set<String>> members = new LinkedHashMap<>();
        to.keySet()
                .forEach(partition -> members.put(
                        partition,
                        admin.backlog(partition, false).members().stream()
                                .map(SubscriptionAdmin.Member::id)
                                .collect(Collectors.toSet())));
        admin.mark(new MoveMark(id, true));
        try {
            reset(to, "not moved, ");
            awaitMembers(members, id);
            reset(to, "moved, but not again after its members had noticed, so that what they acknowledged counts: ");
        } finally {
            end(id);
        }
    }

    private void reset(Map<SubscriptionAdmin.Partition, Long> to, String otherwise) {
        Set<Integer> moved = new TreeSet<>();
        to.forEach((partition, position) -> {
            try {
                admin.reset(partition, position);
            } catch (TransportException e) {
                throw new TransportException(
                        "partition " + partition.number() + " was " + otherwise + e.getMessage() + "; moved before: "
                                + moved,
                        e);
            }
            moved.add(partition.number());
        });
    }

    private void awaitMembers(Map<SubscriptionAdmin.Partition, Set<String>> members, String id) {
        long end = nanoTime.getAsLong() + limit.toNanos();
        Set<String> missing = missing(members, id);
        while (!missing.isEmpty()) {
            if (end - nanoTime.getAsLong() <= 0) {
                LOG.warn(
                        "Moving {} although some members have not noticed, what they acknowledge late counts"
                                + " limit={} members={}",
                        subject,
                        limit,
                        missing);
                return;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
            missing = missing(members, id);
        }
    }

    /** Those that were there and have not subscribed again, and those that have come without knowing of the move. */
    private Set<String> missing(Map<SubscriptionAdmin.Partition, Set<String>> members, String id) {
        Set<String> missing = new TreeSet<>();
        members.forEach((partition, before) -> {
            Set<String> absent = new TreeSet<>(before);
            for (SubscriptionAdmin.Member each : admin.backlog(partition, false).members()) {
                if (each.move().equals(id)) {
                    absent.remove(each.id());
                } else {
                    missing.add(each.id());
                }
            }
            missing.addAll(absent);
        });
        return missing;
    }

    /** Where that fails, members go on when they have waited for long. */
    private void end(String id) {
        try {
            admin.mark(new MoveMark(id, false));
        } catch (TransportException e) {
            LOG.warn("Cannot tell the members of {} that its move has ended, they will wait for it", subject, e);
        }
    }
}
