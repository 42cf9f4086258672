package dev.tally.outbox.operations;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether messages get on, all nodes together.
 *
 * @param oldest the oldest row for each reason for which rows wait
 * @param pause the pause that holds; {@code null} for none
 * @param nodes the nodes, with what they keep
 * @since 0.1
 */
public record OutboxProgress(
        Map<WaitReason, OldestWaiting> oldest, @Nullable Pause pause, List<OutboxNodeState> nodes) {

    /** The age of the oldest row that waits for a reason; zero for none. */
    public Duration age(WaitReason reason) {
        OldestWaiting row = oldest.get(reason);
        return row == null ? Duration.ZERO : row.age();
    }
}
