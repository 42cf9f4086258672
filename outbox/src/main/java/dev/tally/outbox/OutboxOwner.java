package dev.tally.outbox;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An owner and who keeps it.
 *
 * @param owner the name that rows are written under
 * @param keeper the node that sends its rows
 * @param epoch how often the keeper has changed: what a node does to a row counts only in the epoch in which it keeps it
 * @param keeperHeartbeat when the keeper last said that it is alive, by the database's clock; {@code null} if it is fenced
 *     or gone
 * @param orphaned whether the keeper is dead: fenced, gone, or silent for too long
 * @param seen the last generation that the node has seen, see {@link NodesView}; {@code null} for what is no node's, and for
 *     nodes of a version that knows no lanes, whose rows with keys are in no lane
 * @param ready whether the node can keep lanes
 * @since 0.1
 */
public record OutboxOwner(
        String owner,
        String keeper,
        long epoch,
        @Nullable Instant keeperHeartbeat,
        boolean orphaned,
        @Nullable Long seen,
        boolean ready) {

    /** Whether this is a node's own row, and the node can have lanes: it is alive, or not yet fenced. */
    public boolean isMember() {
        return owner.equals(keeper) && seen != null;
    }
}
