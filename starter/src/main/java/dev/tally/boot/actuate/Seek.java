package dev.tally.boot.actuate;

import dev.tally.consume.ConsumerOperations;
import dev.tally.consume.ConsumerOperations.Act;
import dev.tally.transport.PositionMove;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where somebody wants a group to go on. */
sealed interface Seek {

    /** What would be done. */
    List<PositionMove> preview(ConsumerOperations operations, Act act);

    /** Does it. */
    List<PositionMove> perform(ConsumerOperations operations, Act act);

    /** At a time, in all queues. */
    record ToTime(Instant time, boolean force) implements Seek {

        @Override
        public List<PositionMove> preview(ConsumerOperations operations, Act act) {
            return operations.previewToTime(act.topic(), act.group(), time);
        }

        @Override
        public List<PositionMove> perform(ConsumerOperations operations, Act act) {
            return operations.seekToTime(act, time, force);
        }
    }

    /** At a position, in one queue. */
    record ToPosition(String queue, long position, boolean force) implements Seek {

        @Override
        public List<PositionMove> preview(ConsumerOperations operations, Act act) {
            return operations.previewToPosition(act.topic(), act.group(), queue, position);
        }

        @Override
        public List<PositionMove> perform(ConsumerOperations operations, Act act) {
            return operations.seekToPosition(act, queue, position, force);
        }
    }

    /**
     * What a request says.
     *
     * @throws IllegalArgumentException if it says neither, or both
     */
    static Seek of(@Nullable String to, @Nullable String queue, @Nullable Long position, @Nullable Boolean force) {
        boolean forced = Boolean.TRUE.equals(force);
        if (to != null && queue == null && position == null) {
            try {
                return new ToTime(Instant.parse(to), forced);
            } catch (DateTimeParseException e) {
                throw new IllegalArgumentException(
                        "Cannot seek to '" + to + "': a time such as 2026-01-31T12:00:00Z is needed; nothing was done",
                        e);
            }
        }
        if (to == null && queue != null && position != null) {
            return new ToPosition(queue, position, forced);
        }
        throw new IllegalArgumentException(
                "Cannot seek: either 'to', a time, or 'queue' and 'position' have to be given; nothing was done");
    }
}
