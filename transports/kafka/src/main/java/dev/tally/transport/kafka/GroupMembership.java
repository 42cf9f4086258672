package dev.tally.transport.kafka;

import dev.tally.transport.TransportException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member of a group: partitions come and go, and what is settled of them is acknowledged from time to time, and when they
 * go. Confined to the subscription's thread, but for {@link #owned} and {@link #move}.
 */
final class GroupMembership implements PollLoop.Membership, ConsumerRebalanceListener {

    private static final Logger LOG = LoggerFactory.getLogger(GroupMembership.class);

    /** What a group's member needs beside its consumer. */
    record Terms(String topic, String group, Duration commitInterval, Duration handOverLimit, CommittedMarks marks) {}

    private final Consumer<byte[], byte[]> consumer;
    private final Partitions partitions;
    private final Executor tasks;
    private final Terms terms;
    private final Map<TopicPartition, String> applied = new HashMap<>();
    private volatile Set<TopicPartition> owned = Set.of();
    private volatile boolean left;
    private long movesHere;
    private long nextCommit;
    private long nextLook;
    private boolean begun;
    private boolean looking;

    GroupMembership(Consumer<byte[], byte[]> consumer, Partitions partitions, Executor tasks, Terms terms) {
        this.consumer = consumer;
        this.partitions = partitions;
        this.tasks = tasks;
        this.terms = terms;
    }

    @Override
    public void join() {
        consumer.subscribe(List.of(terms.topic()), this);
    }

    /** The partitions that this member has now. */
    Set<TopicPartition> owned() {
        return owned;
    }

    @Override
    public void tend(long now) {
        if (!begun || now - nextCommit >= 0) {
            nextCommit = now + terms.commitInterval().toNanos();
            acknowledge();
        }
        if (!begun || now - nextLook >= 0) {
            nextLook = now + CommittedMarks.LOOK_INTERVAL.toNanos();
            look();
        }
        begun = true;
    }

    private void acknowledge() {
        Map<TopicPartition, Long> untold = partitions.untold();
        if (untold.isEmpty()) {
            return;
        }
        consumer.commitAsync(marked(untold), (offsets, thrown) -> {
            if (thrown == null) {
                offsets.forEach((partition, told) -> partitions.told(partition, told.offset()));
            } else {
                LOG.debug("Not acknowledged yet, trying again group={} offsets={}", terms.group(), offsets, thrown);
            }
        });
    }

    private Map<TopicPartition, OffsetAndMetadata> marked(Map<TopicPartition, Long> positions) {
        Map<TopicPartition, OffsetAndMetadata> marked = new HashMap<>();
        positions.forEach((partition, position) ->
                marked.put(partition, CommittedMarks.acknowledging(position, applied.get(partition))));
        return marked;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> added) {
        Set<TopicPartition> all = new HashSet<>(owned);
        all.addAll(added);
        owned = Set.copyOf(all);
        LOG.debug("Got partitions={} group={} all={}", added, terms.group(), owned);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
        giveAway(revoked, terms.handOverLimit());
    }

    private void giveAway(Collection<TopicPartition> revoked, Duration limit) {
        Map<TopicPartition, Long> untold = partitions.giveAway(revoked, limit);
        if (!untold.isEmpty()) {
            try {
                consumer.commitSync(marked(untold), PollLoop.LEAVE_LIMIT);
            } catch (KafkaException e) {
                LOG.warn(
                        "Cannot acknowledge partitions that go to other members, their messages come again there"
                                + " group={} positions={}",
                        terms.group(),
                        untold,
                        e);
            }
        }
        gone(revoked);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> lost) {
        LOG.warn(
                "Lost partitions, their messages come again to other members group={} partitions={}",
                terms.group(),
                lost);
        partitions.lose(lost);
        gone(lost);
    }

    private void gone(Collection<TopicPartition> partitionsGone) {
        Set<TopicPartition> all = new HashSet<>(owned);
        all.removeAll(partitionsGone);
        owned = Set.copyOf(all);
        applied.keySet().removeAll(partitionsGone);
        LOG.debug("Gave away partitions={} group={} left={}", partitionsGone, terms.group(), owned);
    }

    /** Asks in the background whether another member has moved partitions of this one. */
    private void look() {
        if (looking || owned.isEmpty()) {
            return;
        }
        looking = true;
        long movesBefore = movesHere;
        var unused = terms.marks()
                .of(terms.group(), owned)
                .whenComplete((found, thrown) -> tasks.execute(() -> {
                    looking = false;
                    if (thrown != null) {
                        LOG.debug("Cannot look for moves group={}", terms.group(), thrown);
                    } else if (movesBefore == movesHere) {
                        found.forEach(this::follow);
                    }
                }));
    }

    private void follow(TopicPartition partition, OffsetAndMetadata committed) {
        String id = CommittedMarks.moveOf(committed);
        if (id == null || id.equals(applied.get(partition)) || !owned.contains(partition)) {
            return;
        }
        try {
            apply(Map.of(partition, committed.offset()), id);
            LOG.info(
                    "Moved by another member group={} partition={} to={}",
                    terms.group(),
                    partition,
                    committed.offset());
        } catch (KafkaException e) {
            LOG.warn(
                    "Cannot move as another member asked, trying again group={} partition={}",
                    terms.group(),
                    partition,
                    e);
        }
    }

    /**
     * Moves the group. Partitions of this member are moved when it is done; those of others have a mark at the broker that
     * they look for.
     *
     * @return fails where the broker did not take it, and where this member has left
     */
    CompletableFuture<Void> move(Map<TopicPartition, Long> to, String id) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        tasks.execute(() -> {
            try {
                apply(to, id);
                done.complete(null);
            } catch (KafkaException | TransportException e) {
                done.completeExceptionally(e);
            }
        });
        if (left) {
            done.completeExceptionally(new TransportException("this member has just left the group"));
        }
        return done;
    }

    private void apply(Map<TopicPartition, Long> to, String id) {
        movesHere++;
        Map<TopicPartition, OffsetAndMetadata> marks = new HashMap<>();
        to.forEach((partition, position) -> marks.put(
                partition,
                owned.contains(partition)
                        ? CommittedMarks.acknowledging(position, id)
                        : CommittedMarks.moving(position, id)));
        consumer.commitSync(marks, PollLoop.LEAVE_LIMIT);
        to.forEach((partition, position) -> {
            if (owned.contains(partition)) {
                applied.put(partition, id);
                partitions.drop(partition);
                consumer.seek(partition, position);
            }
        });
    }

    @Override
    public void leave() {
        left = true;
        giveAway(partitions.all(), PollLoop.LEAVE_LIMIT);
    }
}
