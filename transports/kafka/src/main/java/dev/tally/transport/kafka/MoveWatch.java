package dev.tally.transport.kafka;

import dev.tally.transport.TransportException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Moves a group, and waits until the members that have the partitions have followed, see {@link CommittedMarks}. Thread-safe. */
final class MoveWatch {

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final CommittedMarks marks;
    private final PositionQuestions questions;
    private final LongSupplier nanoTime;
    private final RandomGenerator random;

    MoveWatch(CommittedMarks marks, PositionQuestions questions, LongSupplier nanoTime, RandomGenerator random) {
        this.marks = marks;
        this.questions = questions;
        this.nanoTime = nanoTime;
        this.random = random;
    }

    /** @throws TransportException that says which partitions were moved, and which not */
    void move(TopicPositions.Member member, String group, Map<TopicPartition, Long> to, Duration limit) {
        String id = Long.toHexString(random.nextLong());
        long end = nanoTime.getAsLong() + limit.toNanos();
        Map<TopicPartition, Long> open = new HashMap<>(to);
        Map<TopicPartition, Long> unmarked = new HashMap<>(to);
        Throwable last = null;
        while (!open.isEmpty()) {
            if (!unmarked.isEmpty()) {
                last = mark(member, unmarked, id);
            }
            Map<TopicPartition, OffsetAndMetadata> found = questions.answer(marks.of(group, open.keySet()));
            open.keySet().removeIf(partition -> {
                OffsetAndMetadata committed = found.get(partition);
                return committed != null && CommittedMarks.isMoved(committed, id);
            });
            unmarked = new HashMap<>(open);
            unmarked.keySet().removeIf(partition -> {
                OffsetAndMetadata committed = found.get(partition);
                return committed != null && CommittedMarks.isMoving(committed, id);
            });
            if (!open.isEmpty()) {
                if (end - nanoTime.getAsLong() <= 0) {
                    throw notMoved(to, open, limit, last);
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private @Nullable Throwable mark(TopicPositions.Member member, Map<TopicPartition, Long> to, String id) {
        try {
            member.move(to, id)
                    .orTimeout(PollLoop.LEAVE_LIMIT.toMillis() * 2, TimeUnit.MILLISECONDS)
                    .join();
            return null;
        } catch (CompletionException e) {
            return e.getCause() == null ? e : e.getCause();
        }
    }

    private static TransportException notMoved(
            Map<TopicPartition, Long> to, Map<TopicPartition, Long> open, Duration limit, @Nullable Throwable last) {
        TreeSet<Integer> moved = new TreeSet<>();
        to.keySet().forEach(partition -> moved.add(partition.partition()));
        TreeSet<Integer> left = new TreeSet<>();
        open.keySet().forEach(partition -> left.add(partition.partition()));
        moved.removeAll(left);
        String reason = last == null
                ? "the members that have them have not followed within " + limit
                        + ": they are no members of Tally's, or do not run; stop them and try again"
                : "this member could not acknowledge them within " + limit + ": " + SendFailures.reason(last);
        String message =
                "partitions " + left + " were not moved, " + (moved.isEmpty() ? "none" : moved) + " were; " + reason;
        return last == null ? new TransportException(message) : new TransportException(message, last);
    }
}
