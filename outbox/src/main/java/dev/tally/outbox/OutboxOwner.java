package dev.tally.outbox;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An owner and who keeps it.
 *
 * @param owner the name that rows are written under
 * @param keeper the node that sends its rows
 * @param keeperHeartbeat when the keeper last said that it is alive, by the database's clock; {@code null} if it is fenced
 *     or gone
 * @param orphaned whether the keeper is dead: fenced, gone, or silent for too long
 * @since 0.1
 */
public record OutboxOwner(
        String owner, String keeper, @Nullable Instant keeperHeartbeat, boolean orphaned) {}
