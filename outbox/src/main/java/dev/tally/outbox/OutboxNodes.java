package dev.tally.outbox;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The port to the table of nodes: who keeps which owner's rows, and who is alive, by the database's clock.
 *
 * <p>An <em>owner</em> is a name that rows are written under. Its <em>keeper</em> is the node that sends them. A node keeps
 * its own two owners (its own name, for rows that it has in memory, and its spill name, for rows that wait in the table)
 * and those it has adopted from dead nodes. Only a node's own row has a heartbeat. Adopting a dead node takes everything
 * it kept in one transaction and changes no outbox row, so it costs the same for ten rows and for ten million.
 *
 * <p>Implementations are thread-safe; each method is a short transaction of its own, READ COMMITTED. All methods throw
 * {@link OutboxStoreException} when the database cannot be used.
 *
 * @since 0.1
 */
public interface OutboxNodes {

    /**
     * Registers a node as the keeper of its own two owners.
     *
     * @param nodeId the node, never used before
     * @param spillOwner its name for rows that wait in the table
     * @param instance the name of the process's place, or {@code null}: earlier nodes of the same place are declared dead
     */
    void register(String nodeId, String spillOwner, @Nullable String instance);

    /**
     * Says that a node is alive.
     *
     * @return false if the node is fenced: another has adopted what it kept
     */
    boolean heartbeat(String nodeId);

    /**
     * All owners with their keepers.
     *
     * @param expiry silence after which a node counts as dead
     */
    List<OutboxOwner> owners(Duration expiry);

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
