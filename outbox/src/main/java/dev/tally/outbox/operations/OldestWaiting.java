package dev.tally.outbox.operations;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The oldest row that waits for one reason.
 *
 * @param age how long ago it was written, by the database's clock
 * @param id its id
 * @param topic where it goes
 * @param owner under which name it was written
 * @param keeper the node that sends it, or did; {@code null} if there is none
 * @param attempts failed attempts that count
 * @param lastError what the last of them said, or {@code null}
 * @since 0.1
 */
public record OldestWaiting(
        Duration age,
        long id,
        String topic,
        String owner,
        @Nullable String keeper,
        int attempts,
        @Nullable String lastError) {}
