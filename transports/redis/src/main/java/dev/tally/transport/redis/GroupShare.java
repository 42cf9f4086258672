package dev.tally.transport.redis;

import io.lettuce.core.XGroupCreateArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions that one member of a group has.
 *
 * <ol>
 *   <li>Each member greets the others in a sorted set, and so knows how many there are and how many partitions are its
 *       {@link Quota}.
 *   <li>Who has less takes leases that nobody has; who has more gives some away.
 *   <li>A lease is renewed every second or so. One that is lost, or that could not be renewed in time, ends the partition
 *       here at once; one that is given away is released when its running handlers have ended, or have had their time.
 * </ol>
 */
final class GroupShare implements Share {

    private static final Logger LOG = LoggerFactory.getLogger(GroupShare.class);

    private final GroupContext context;
    private final RedisKeys keys;
    private final Topics topics;
    private final Trimming trimming;
    private final Answers answers;
    private final Duration handlersLimit;
    private final ScheduledExecutorService timer;
    private final Map<Integer, GroupPartition> owned = new TreeMap<>();
    private final Set<Integer> known = new HashSet<>();

    /**
     * Creates it, without partitions.
     *
     * @param handlersLimit how long handlers are waited for before a partition goes to another member
     */
    GroupShare(
            GroupContext context,
            RedisKeys keys,
            Topics topics,
            Trimming trimming,
            Answers answers,
            Duration handlersLimit,
            ScheduledExecutorService timer) {
        this.context = context;
        this.keys = keys;
        this.topics = topics;
        this.trimming = trimming;
        this.answers = answers;
        this.handlersLimit = handlersLimit;
        this.timer = timer;
    }

    private String topic() {
        return context.subscription().topic();
    }

    private String group() {
        return context.subscription().group();
    }

    private long now() {
        return context.nanoTime().getAsLong();
    }

    @Override
    public Collection<? extends PartitionSource> sources() {
        return owned.values();
    }

    @Override
    public void look() {
        owned.values().removeIf(partition -> {
            if (!partition.isLost() && !partition.lease().holds(now())) {
                LOG.warn(
                        "Lease could not be renewed in time, the partition is left alone stream={} group={} member={}",
                        RedisKeys.text(partition.stream()),
                        group(),
                        context.member());
                partition.lose();
            }
            return partition.isLost();
        });
    }

    @Override
    public void settle(Session session) {
        for (GroupPartition partition : List.copyOf(owned.values())) {
            if (partition.isGivenAway() && partition.isReleasable(now())) {
                release(session, partition);
                owned.remove(partition.number());
            }
        }
    }

    private void release(Session session, GroupPartition partition) {
        answers.of(partition.release(session));
        LOG.debug("Partition released stream={} group={}", RedisKeys.text(partition.stream()), group());
    }

    @Override
    public void tick(Session session) {
        renew(session);
        List<String> members = answers
                .of(Scripts.greet(session, keys.members(topic(), group()), context.member(), context.leaseMillis()))
                .stream()
                .map(member -> RedisKeys.text((byte[]) member))
                .toList();
        int partitions = answers.of(topics.ask(session, topic()));
        int quota = Quota.of(context.member(), members, partitions, topic() + group());
        giveAwayBeyond(quota);
        takeUpTo(quota, partitions, session);
        owned.values().forEach(partition -> trimming.trimIfDue(session, topic(), partition.stream()));
    }

    private void renew(Session session) {
        long askedAt = now();
        Map<GroupPartition, CompletableFuture<Boolean>> asked = new LinkedHashMap<>();
        owned.values().forEach(partition -> {
            Lease lease = partition.lease();
            asked.put(partition, Scripts.renewLease(session, lease.key(), lease.token(), context.leaseMillis()));
        });
        asked.forEach((partition, answer) -> {
            if (answers.of(answer)) {
                partition.lease().renewed(askedAt);
            } else {
                LOG.warn(
                        "Lease was lost, the partition is left alone stream={} group={} member={}",
                        RedisKeys.text(partition.stream()),
                        group(),
                        context.member());
                partition.lose();
            }
        });
        look();
    }

    private List<GroupPartition> kept() {
        return owned.values().stream()
                .filter(partition -> !partition.isGivenAway())
                .toList();
    }

    private void giveAwayBeyond(int quota) {
        List<GroupPartition> kept = kept();
        for (int i = quota; i < kept.size(); i++) {
            kept.get(i).giveAway(now() + handlersLimit.toNanos());
        }
    }

    private void takeUpTo(int quota, int partitions, Session session) {
        int missing = quota - kept().size();
        int first = Math.floorMod(context.member().hashCode(), partitions);
        for (int i = 0; i < partitions && missing > 0; i++) {
            int number = (first + i) % partitions;
            if (!owned.containsKey(number) && take(session, number)) {
                missing--;
            }
        }
    }

    private boolean take(Session session, int number) {
        byte[] leaseKey = keys.lease(topic(), number, group());
        byte[] stream = keys.stream(topic(), number);
        String token = context.newToken();
        long askedAt = now();
        if (!answers.of(Scripts.takeLease(session, leaseKey, context.member(), token, context.leaseMillis()))) {
            return false;
        }
        createGroup(session, stream, number);
        Lease lease = new Lease(leaseKey, context.member(), token, context.leaseTime(), askedAt);
        List<GroupPartition> partition = new ArrayList<>(1);
        Acknowledgements acknowledgements = new Acknowledgements(
                context.line(), stream, group(), timer, () -> partition.forEach(GroupPartition::acknowledged));
        partition.add(new GroupPartition(number, stream, lease, context, acknowledgements));
        owned.put(number, partition.get(0));
        LOG.debug("Partition taken stream={} group={} member={}", RedisKeys.text(stream), group(), context.member());
        return true;
    }

    /** At the stream's first entry: a group that is new to a topic gets all of it. */
    private void createGroup(Session session, byte[] stream, int number) {
        boolean again = !known.add(number);
        try {
            answers.of(session.commands()
                    .xgroupCreate(
                            StreamOffset.from(stream, StreamEntry.BEGINNING),
                            RedisKeys.bytes(group()),
                            XGroupCreateArgs.Builder.mkstream())
                    .toCompletableFuture());
            if (again) {
                LOG.error(
                        "Group had to be created anew, somebody removed it or Redis lost data; it reads from the stream's "
                                + "first entry stream={} group={}",
                        RedisKeys.text(stream),
                        group());
            }
        } catch (RuntimeException e) {
            if (!Failures.isBusyGroup(e)) {
                throw e;
            }
        }
    }

    @Override
    public void leave(Session session) {
        long limit = now() + answers.limit().toNanos();
        owned.values().forEach(partition -> partition.giveAway(limit));
        for (GroupPartition partition : owned.values()) {
            awaitAcknowledgements(partition);
            release(session, partition);
            partition.acknowledgements().end();
        }
        owned.clear();
        answers.of(session.commands()
                .zrem(keys.members(topic(), group()), RedisKeys.bytes(context.member()))
                .toCompletableFuture());
    }

    private void awaitAcknowledgements(GroupPartition partition) {
        try {
            answers.of(partition.acknowledgements().allDone());
        } catch (RuntimeException e) {
            LOG.warn(
                    "Some entries that took effect are not acknowledged, they come again stream={} group={}",
                    RedisKeys.text(partition.stream()),
                    group(),
                    e);
        }
    }
}
