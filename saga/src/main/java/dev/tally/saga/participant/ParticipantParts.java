package dev.tally.saga.participant;

import dev.tally.consume.ConsumeListener;
import dev.tally.consume.deadletter.DeadLetterStore;
import dev.tally.message.PayloadCodec;
import dev.tally.message.PayloadUpcasters;
import dev.tally.observation.MessageObservations;
import dev.tally.publish.MessagePublisher;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * What participants are run with.
 *
 * @param barrier on the data source of {@code transactions}
 * @param transactions the methods' transactions
 * @param publisher publishes answers, in {@code transactions} and by {@code codec}
 * @param codec reads commands, writes and reads undo tokens, writes answers
 * @param clock tells whether a deadline has passed and how old a saga is
 * @param listener told what became of commands
 * @param observations observe each delivery, in the trace that its command is of
 * @param upcasters make payloads of earlier times into those that methods take
 * @param deadLetters keeps what is no command that can be read, on the data source of {@code transactions}; {@code null} to
 *     leave that to the transport
 * @param retention how long the barrier remembers, counted from the beginning of a saga; a command of an older one is not run.
 *     Longer than any saga lives
 * @param workLimit after how long work outside of a transaction that nobody has finished counts as broken off, so that it may
 *     be begun again or be undone; longer than that work ever takes, the time-outs of its clients included
 * @since 0.1
 */
public record ParticipantParts(
        BarrierStore barrier,
        PlatformTransactionManager transactions,
        MessagePublisher publisher,
        PayloadCodec codec,
        InstantSource clock,
        ConsumeListener listener,
        MessageObservations observations,
        PayloadUpcasters upcasters,
        @Nullable DeadLetterStore deadLetters,
        Duration retention,
        Duration workLimit) {

    /** What {@link #retention()} is by default: 90 days. */
    public static final Duration DEFAULT_RETENTION = Duration.ofDays(90);

    /** What {@link #workLimit()} is by default: two minutes. */
    public static final Duration DEFAULT_WORK_LIMIT = Duration.ofMinutes(2);

    /**
     * Checks the times.
     *
     * @throws IllegalArgumentException if one is not positive
     */
    public ParticipantParts {
        requirePositive("the retention of the barrier", retention);
        requirePositive("the limit of work outside of transactions", workLimit);
    }

    private static void requirePositive(String what, Duration time) {
        if (time.isNegative() || time.isZero()) {
            throw new IllegalArgumentException(
                    "Cannot run saga participants: " + what + " is " + time + ", which is not positive");
        }
    }

    /**
     * Parts with the default times that nothing listens to and nothing observes, without up-casters, whose dead letters are
     * left to the transport.
     */
    public static ParticipantParts of(
            BarrierStore barrier,
            PlatformTransactionManager transactions,
            MessagePublisher publisher,
            PayloadCodec codec,
            InstantSource clock) {
        return new ParticipantParts(
                barrier,
                transactions,
                publisher,
                codec,
                clock,
                new ConsumeListener() {},
                MessageObservations.none(),
                PayloadUpcasters.none(),
                null,
                DEFAULT_RETENTION,
                DEFAULT_WORK_LIMIT);
    }
}
