package dev.tally.consume;

import dev.tally.transport.QueuePosition;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a group has not acknowledged of a topic.
 *
 * @param readAt when the broker was asked
 * @param queues every queue of the topic
 * @param pace what arrived and was acknowledged lately; {@code null} as long as that is not known
 * @since 0.1
 */
public record ConsumerLag(
        Instant readAt,
        List<QueuePosition> queues,
        @Nullable Pace pace) {

    private static final double LONGEST_SECONDS = Duration.ofDays(36_500).toSeconds();

    /**
     * Messages in a second, in all queues together.
     *
     * @param acknowledged those that the group acknowledged
     * @param arriving those that were sent
     */
    public record Pace(double acknowledged, double arriving) {}

    /** Creates it, with a copy of the queues. */
    public ConsumerLag {
        queues = List.copyOf(queues);
    }

    /** Messages that wait or are being handled, in all queues together. */
    public long messages() {
        return queues.stream().mapToLong(QueuePosition::lag).sum();
    }

    /** When the oldest of them was stored, as far as that was asked for and is known. */
    public Optional<Instant> oldest() {
        return queues.stream()
                .map(QueuePosition::oldest)
                .filter(Objects::nonNull)
                .min(Comparator.naturalOrder());
    }

    /** When nothing will wait any more. */
    public TimeToEmpty timeToEmpty() {
        long waiting = messages();
        if (waiting == 0) {
            return new TimeToEmpty.Now();
        }
        if (pace == null) {
            return new TimeToEmpty.Unknown();
        }
        double shrinking = pace.acknowledged() - pace.arriving();
        double seconds = waiting / shrinking;
        return shrinking > 0 && seconds < LONGEST_SECONDS
                ? new TimeToEmpty.After(Duration.ofSeconds(Math.max(1, Math.round(seconds))))
                : new TimeToEmpty.Never();
    }
}
