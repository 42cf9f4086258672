package dev.tally.broker.transfer;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is copied from where to where.
 *
 * @param from the source
 * @param to the target
 * @param toBroker the target's broker, {@code null} where it has only one
 * @param topics topics by name
 * @param allTopics whether all topics but the brokers' own are copied
 * @param groups consumer groups by name
 * @param allGroups whether all consumer groups but the brokers' own are taken along
 * @param state the file that keeps how far the copy is
 * @param follow whether it goes on with what arrives, until it is stopped
 * @param parallel how many queues are copied at a time
 * @param bornTolerance up to how far apart messages may be born to be sent as one batch, which gives them one born time;
 *     zero keeps every born time
 * @param timeout how long an answer may take
 * @param attempts how often in succession a queue may fail for reasons that pass
 * @since 0.1
 */
public record CopyOptions(
        Endpoint from,
        Endpoint to,
        @Nullable String toBroker,
        List<String> topics,
        boolean allTopics,
        List<String> groups,
        boolean allGroups,
        Path state,
        boolean follow,
        int parallel,
        Duration bornTolerance,
        Duration timeout,
        int attempts) {

    private static final int MOST_PARALLEL = 256;

    /** Refuses what cannot work. */
    public CopyOptions {
        topics = List.copyOf(topics);
        groups = List.copyOf(groups);
        if (topics.isEmpty() && !allTopics && groups.isEmpty() && !allGroups) {
            throw new IllegalArgumentException("Nothing to copy: name topics or groups, or all of them");
        }
        if (from.nameServer().equals(to.nameServer())) {
            throw new IllegalArgumentException("Source and target are the same: " + from.nameServer());
        }
        if (parallel < 1 || parallel > MOST_PARALLEL) {
            throw new IllegalArgumentException("Queues at a time must be 1 to " + MOST_PARALLEL + ", not " + parallel);
        }
        if (attempts < 0 || bornTolerance.isNegative() || timeout.isZero() || timeout.isNegative()) {
            throw new IllegalArgumentException("Attempts and the span of born times must not be negative, and the"
                    + " timeout must be above zero");
        }
    }
}
