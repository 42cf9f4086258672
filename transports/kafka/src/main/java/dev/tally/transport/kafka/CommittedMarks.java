package dev.tally.transport.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * How members tell each other of moves. Kafka lets nobody move a group that has members, but any member may acknowledge any
 * partition. So a member that wants to move another one's partition
 *
 * <ol>
 *   <li>acknowledges the new position, with the text {@code tally-move:<id>} that Kafka keeps beside it;
 *   <li>the owner, who looks at what is acknowledged of its partitions every {@link #LOOK_INTERVAL}, finds it, goes on there,
 *       and acknowledges with {@code tally-moved:<id>} from then on;
 *   <li>the first one waits for that. Where it finds neither text, the owner acknowledged at the same time, and it begins
 *       again.
 * </ol>
 *
 * <p>Thread-safe.
 */
final class CommittedMarks {

    static final Duration LOOK_INTERVAL = Duration.ofSeconds(2);

    private static final String MOVE = "tally-move:";
    private static final String MOVED = "tally-moved:";

    private final Admin admin;
    private final Duration limit;

    CommittedMarks(Admin admin, Duration limit) {
        this.admin = admin;
        this.limit = limit;
    }

    /** @param id of the move that its owner has followed last, {@code null} for none */
    static OffsetAndMetadata acknowledging(long position, @Nullable String id) {
        return new OffsetAndMetadata(position, id == null ? "" : MOVED + id);
    }

    static OffsetAndMetadata moving(long position, String id) {
        return new OffsetAndMetadata(position, MOVE + id);
    }

    /** The move that somebody wants; {@code null} for none. */
    static @Nullable String moveOf(OffsetAndMetadata committed) {
        String text = committed.metadata();
        return text != null && text.startsWith(MOVE) ? text.substring(MOVE.length()) : null;
    }

    static boolean isMoved(OffsetAndMetadata committed, String id) {
        return (MOVED + id).equals(committed.metadata());
    }

    static boolean isMoving(OffsetAndMetadata committed, String id) {
        return id.equals(moveOf(committed));
    }

    /** What a group has acknowledged; partitions of which it has nothing are left out. */
    CompletableFuture<Map<TopicPartition, OffsetAndMetadata>> of(String group, Set<TopicPartition> partitions) {
        return admin.listConsumerGroupOffsets(
                        Map.of(group, new ListConsumerGroupOffsetsSpec().topicPartitions(partitions)),
                        new ListConsumerGroupOffsetsOptions().timeoutMs((int) limit.toMillis()))
                .partitionsToOffsetAndMetadata(group)
                .toCompletionStage()
                .toCompletableFuture()
                .thenApply(found -> {
                    Map<TopicPartition, OffsetAndMetadata> known = new HashMap<>();
                    found.forEach((partition, committed) -> {
                        if (committed != null) {
                            known.put(partition, committed);
                        }
                    });
                    return known;
                });
    }
}
