package dev.tally.outbox.operations;

import org.jspecify.annotations.Nullable;

/**
 * Rows that wait to be sent and have something in common.
 *
 * @param value what they have in common; {@code null} for those without a key
 * @param rows how many there are
 * @since 0.1
 */
public record WaitingGroup(@Nullable String value, long rows) {

    /** What waiting rows are counted by. */
    public enum By {
        /** The topic. */
        TOPIC,
        /** The key. */
        KEY,
        /** The owner: a lane, a node, or {@code -} for nobody. */
        OWNER
    }
}
