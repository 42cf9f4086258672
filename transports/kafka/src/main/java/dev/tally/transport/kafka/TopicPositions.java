package dev.tally.transport.kafka;

import dev.tally.transport.PositionMove;
import dev.tally.transport.QueuePosition;
import dev.tally.transport.SubscriptionPositions;
import dev.tally.transport.TransportException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * How far a group has got in a topic, by what its brokers say. A queue's name is the partition's number. Thread-safe.
 *
 * <p>A group is moved by this member, see {@link CommittedMarks}: partitions of its own at once, those of others when they
 * notice, some seconds later.
 */
final class TopicPositions implements SubscriptionPositions {

    private static final Duration MOVE_LIMIT = Duration.ofSeconds(30);

    private final PositionQuestions questions;
    private final CommittedMarks marks;
    private final String topic;
    private final String group;
    private final Member member;
    private final MoveWatch watch;

    /** This member of the group. */
    interface Member {

        /** The partitions that it has. */
        Set<TopicPartition> partitions();

        /** See {@link GroupMembership#move}. */
        CompletableFuture<Void> move(Map<TopicPartition, Long> to, String id);
    }

    TopicPositions(
            PositionQuestions questions,
            CommittedMarks marks,
            String topic,
            String group,
            Member member,
            MoveWatch watch) {
        this.questions = questions;
        this.marks = marks;
        this.topic = topic;
        this.group = group;
        this.member = member;
        this.watch = watch;
    }

    /** What the brokers say of the partitions, in the order of their numbers. */
    private record Found(
            TreeMap<Integer, TopicPartition> partitions,
            Map<TopicPartition, Long> firsts,
            Map<TopicPartition, OffsetAndMetadata> acknowledged,
            Map<TopicPartition, Long> ends) {

        long first(TopicPartition partition) {
            return firsts.getOrDefault(partition, 0L);
        }

        long end(TopicPartition partition) {
            return Math.max(first(partition), ends.getOrDefault(partition, 0L));
        }

        long acknowledged(TopicPartition partition) {
            OffsetAndMetadata committed = acknowledged.get(partition);
            return committed == null ? first(partition) : committed.offset();
        }

        /** Where the group goes on: what retention has removed is no way to go back to. */
        long next(TopicPartition partition) {
            return Math.max(first(partition), acknowledged(partition));
        }
    }

    private Found find() {
        TreeMap<Integer, TopicPartition> partitions = new TreeMap<>();
        questions.partitionsOf(topic).forEach(partition -> partitions.put(partition.partition(), partition));
        Set<TopicPartition> all = Set.copyOf(partitions.values());
        Map<TopicPartition, Long> firsts = questions.offsets(all, OffsetSpec.earliest());
        // Before the ends, which then are no less.
        Map<TopicPartition, OffsetAndMetadata> acknowledged = questions.answer(marks.of(group, all));
        return new Found(partitions, firsts, acknowledged, questions.offsets(all, OffsetSpec.latest()));
    }

    @Override
    public List<QueuePosition> read(boolean withTimes) {
        return explained("Cannot read the positions of " + subject(), () -> {
            Found found = find();
            Map<TopicPartition, Instant> times = withTimes ? times(found) : Map.of();
            Set<TopicPartition> owned = member.partitions();
            List<QueuePosition> positions = new ArrayList<>();
            for (TopicPartition partition : found.partitions().values()) {
                positions.add(QueuePosition.numbered(
                        name(partition),
                        found.acknowledged(partition),
                        found.first(partition),
                        found.end(partition),
                        times.get(partition),
                        owned.contains(partition)));
            }
            return positions;
        });
    }

    private Map<TopicPartition, Instant> times(Found found) {
        Map<TopicPartition, Long> waiting = new HashMap<>();
        for (TopicPartition partition : found.partitions().values()) {
            if (found.next(partition) < found.end(partition)) {
                waiting.put(partition, found.next(partition));
            }
        }
        return questions.timesAt(waiting);
    }

    @Override
    public List<PositionMove> planTo(Instant time) {
        return explained("Cannot find where " + subject() + " was at " + time, () -> {
            Found found = find();
            Set<TopicPartition> all = Set.copyOf(found.partitions().values());
            Map<TopicPartition, Long> then = questions.offsets(all, OffsetSpec.forTimestamp(time.toEpochMilli()));
            Map<TopicPartition, Long> targets = new TreeMap<>(Comparator.comparingInt(TopicPartition::partition));
            for (TopicPartition partition : all) {
                long at = then.getOrDefault(partition, -1L);
                long to = at < 0 ? found.end(partition) : Math.min(at, found.end(partition));
                targets.put(partition, Math.max(found.first(partition), to));
            }
            return moves(found, targets);
        });
    }

    @Override
    public PositionMove planTo(String queue, long position) {
        return explained("Cannot move " + subject() + " to position " + position + " of partition " + queue, () -> {
            Found found = find();
            TopicPartition partition = partition(found, queue);
            if (position < found.first(partition) || position > found.end(partition)) {
                throw new TransportException(
                        "it has the positions from " + found.first(partition) + " to " + found.end(partition));
            }
            return moves(found, Map.of(partition, position)).get(0);
        });
    }

    private static TopicPartition partition(Found found, String name) {
        return found.partitions().values().stream()
                .filter(each -> name(each).equals(name))
                .findFirst()
                .orElseThrow(() -> new TransportException("there is no partition '" + name + "', but "
                        + found.partitions().keySet()));
    }

    private List<PositionMove> moves(Found found, Map<TopicPartition, Long> targets) {
        Map<TopicPartition, Long> back = new HashMap<>();
        targets.forEach((partition, to) -> {
            if (to < found.next(partition)) {
                back.put(partition, to);
            }
        });
        Map<TopicPartition, Instant> times = questions.timesAt(back);
        List<PositionMove> moves = new ArrayList<>();
        targets.forEach((partition, to) -> {
            @Nullable Instant since = times.get(partition);
            moves.add(PositionMove.numbered(name(partition), found.next(partition), to, since));
        });
        return moves;
    }

    @Override
    public void seek(List<PositionMove> moves) {
        explained("Cannot move " + subject(), () -> {
            Found found = find();
            Map<TopicPartition, Long> to = new HashMap<>();
            // Also where it seems to lead nowhere: members tell some seconds late what they have acknowledged.
            moves.forEach(move -> to.put(partition(found, move.queue()), move.to()));
            watch.move(member, group, to, MOVE_LIMIT);
            return to;
        });
    }

    private static String name(TopicPartition partition) {
        return Integer.toString(partition.partition());
    }

    private String subject() {
        return "group '" + group + "' in topic '" + topic + "'";
    }

    private static <T> T explained(String attempt, Supplier<T> work) {
        try {
            return work.get();
        } catch (TransportException e) {
            throw new TransportException(attempt + ": " + e.getMessage(), e);
        } catch (KafkaException | IllegalStateException e) {
            throw new TransportException(attempt + ": the client refuses, " + SendFailures.reason(e), e);
        }
    }
}
