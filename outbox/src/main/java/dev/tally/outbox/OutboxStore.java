package dev.tally.outbox;

import dev.tally.message.Message;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * The port to the outbox table. Implementations are thread-safe. Every method but {@link #insert} runs in a short
 * transaction of its own, READ COMMITTED, never in the caller's.
 *
 * <p>All methods throw {@link OutboxStoreException} when the database cannot be used; calling again later may succeed.
 *
 * @since 0.1
 */
public interface OutboxStore {

    /** The owner of rows that no node has in memory: the next node that looks takes them over. */
    String UNOWNED = "-";

    /**
     * Inserts messages in the current transaction, as one batch.
     *
     * @param owner the name under which the rows are written
     * @return the entries with their ids, ascending, in the order of {@code messages}
     * @throws org.springframework.transaction.IllegalTransactionStateException without a transaction on the store's
     *     database
     */
    List<OutboxEntry> insert(String owner, List<Message> messages);

    /**
     * Finds out what became of the transaction that inserted a row. Waits at most about a second for it.
     *
     * @param owner the row's owner
     * @param id the row's id
     */
    Fate fateOf(String owner, long id);

    /**
     * Removes rows whose messages the broker has confirmed. Not fenced on purpose: a confirmed message is done, whoever
     * says so.
     *
     * @return how many rows were there; fewer than asked means that another node has sent them as well
     */
    int complete(String owner, Collection<Long> ids);

    /**
     * Notes a failed attempt.
     *
     * @param keeper the node that asks
     * @return false if the row is gone or {@code keeper} no longer keeps its owner; nothing was changed then
     */
    boolean recordFailure(String keeper, String owner, long id, int attempts, String reason);

    /**
     * Gives a row up until a person decides.
     *
     * @param keeper the node that asks
     * @return false if the row is gone or {@code keeper} no longer keeps its owner; nothing was changed then
     */
    boolean park(String keeper, String owner, long id, int attempts, String reason);

    /**
     * Reads waiting rows of {@code owners} with ids above {@code afterId}, in one snapshot, ascending.
     *
     * @param limit rows at most
     */
    BacklogPage readAfter(Collection<String> owners, long afterId, int limit);

    /** The owners that have waiting rows. Cheap, however many rows there are. */
    Set<String> ownersWithRows();

    /** The parked rows with ids above {@code afterId}, ascending. */
    List<ParkedEntry> parked(long afterId, int limit);

    /**
     * Lets a parked row be sent again, its attempts counted from zero. Messages of its key that came later may have been
     * sent.
     *
     * @return false if no row with this id is parked
     */
    boolean resume(long id);

    /**
     * Deletes a parked row: its message is never sent.
     *
     * @return false if no row with this id is parked
     */
    boolean discard(long id);

    /** Counts the rows. Reads the whole table's index: for people and slow meters. */
    OutboxTableStats stats();
}
