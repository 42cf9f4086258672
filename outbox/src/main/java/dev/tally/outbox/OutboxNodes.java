package dev.tally.outbox;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The port to the table of nodes: who keeps which owner's rows, and who is alive, by the database's clock.
 *
 * <p>An <em>owner</em> is a name that rows are written under. Its <em>keeper</em> is the node that sends them. A node keeps
 * its own two owners (its own name, for rows that it has in memory, and its spill name, for rows that wait in the table)
 * and those it has adopted from dead nodes. Only a node's own row has a heartbeat. Adopting a dead node takes everything
 * it kept in one transaction and changes no outbox row, so it costs the same for ten rows and for ten million.
 *
 * <p>Lanes are owners as well: rows with keys are written under their lane, by whichever node, and sent by the lane's
 * keeper.
 *
 * <p>Implementations are thread-safe; each method is a short transaction of its own, READ COMMITTED. All methods throw
 * {@link OutboxStoreException} when the database cannot be used.
 *
 * @since 0.1
 */
public interface OutboxNodes {

    /**
     * Checks that the nodes before this one, if there were any, have the same number of lanes.
     *
     * @throws OutboxLanesException if they have another one
     */
    void requireLanes(int lanes);

    /**
     * Registers a node as the keeper of its own two owners.
     *
     * @param nodeId the node, never used before
     * @param spillOwner its name for rows that wait in the table
     * @param instance the name of the process's place, or {@code null}: earlier nodes of the same place are declared dead
     * @param lanes the number of lanes, the same for all nodes
     * @return the generation that begins with this node, see {@link NodesView}
     * @throws OutboxLanesException if other nodes have another number of lanes
     */
    long register(String nodeId, String spillOwner, @Nullable String instance, int lanes);

    /**
     * Says that a node is alive.
     *
     * @param circuitOpen whether it does not send because its sends failed one after the other; for people to see
     * @return false if the node is fenced: another has adopted what it kept
     */
    boolean heartbeat(String nodeId, boolean circuitOpen);

    /** Says that a node is alive, and that its circuit is closed. */
    default boolean heartbeat(String nodeId) {
        return heartbeat(nodeId, false);
    }

    /**
     * All owners with their keepers, read after the generation.
     *
     * @param expiry silence after which a node counts as dead
     */
    NodesView view(Duration expiry);

    /** The owners of {@link #view}. */
    default List<OutboxOwner> owners(Duration expiry) {
        return view(expiry).owners();
    }

    /**
     * Says that a node has seen all nodes up to a generation, and behaves accordingly.
     *
     * @param ready whether it can keep lanes
     * @return false if the node is fenced
     */
    boolean acknowledge(String nodeId, long generation, boolean ready);

    /**
     * Gives an owner to another node.
     *
     * @param epoch the epoch in which {@code keeper} keeps it
     * @return false if {@code keeper} no longer keeps it in this epoch
     */
    boolean handOver(String owner, String keeper, long epoch, String to);

    /**
     * Names of the transactions that are open now, in the whole database, and have written something.
     *
     * @return {@code null} where the database does not tell
     */
    @Nullable Set<String> openTransactions();

    /**
     * Adopts all that {@code deadKeeper} keeps, if it is dead.
     *
     * @return whether {@code keeper} keeps it now; false if it is alive after all, or another was first
     */
    boolean adopt(String keeper, String deadKeeper, Duration expiry);

    /**
     * Adopts an owner that has rows but is not in the table of nodes.
     *
     * @return false if another was first
     */
    boolean adoptUnlisted(String keeper, String owner);

    /**
     * Forgets an adopted owner that has no rows left.
     *
     * @return false if it has rows, or {@code keeper} no longer keeps it
     */
    boolean forget(String keeper, String owner);

    /** Gives up all that a node keeps, so that others can adopt it at once. */
    void release(String nodeId);
}
