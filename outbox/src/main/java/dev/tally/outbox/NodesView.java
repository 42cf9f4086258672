package dev.tally.outbox;

import java.util.List;

/**
 * Who is there, as one node saw it.
 *
 * @param generation how many nodes have ever registered; all nodes that registered up to it, and are still there, are
 *     among the owners
 * @param owners all owners with their keepers
 * @param paused whether a person has paused the outbox: no node sends anything then
 * @since 0.1
 */
public record NodesView(long generation, List<OutboxOwner> owners, boolean paused) {

    /** Who is there, while the outbox is not paused. */
    public NodesView(long generation, List<OutboxOwner> owners) {
        this(generation, owners, false);
    }
}
