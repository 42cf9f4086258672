package dev.tally.outbox;

import dev.tally.message.Message;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

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
     * What names of lanes begin with. A lane is the owner of the rows of some of the keys, whichever node wrote them. The
     * sign sorts above {@code !} and below the names of nodes.
     */
    String LANE_PREFIX = "#";

    /**
     * Inserts messages in the current transaction, as one batch.
     *
     * @param ownerOf the name under which a message's row is written
     * @return the entries with their ids, ascending, in the order of {@code messages}
     * @throws org.springframework.transaction.IllegalTransactionStateException without a transaction on the store's
     *     database
     */
    List<OutboxEntry> insert(Function<Message, String> ownerOf, List<Message> messages);

    /** The same, with one owner for all. */
    default List<OutboxEntry> insert(String owner, List<Message> messages) {
        return insert(message -> owner, messages);
    }

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
     * @param idsByOwner the rows; all are removed by one statement
     * @return how many rows were there; fewer than asked means that another node has sent them as well
     */
    int complete(Map<String, ? extends Collection<Long>> idsByOwner);

    /** The same, for the rows of one owner. */
    default int complete(String owner, Collection<Long> ids) {
        return complete(Map.of(owner, ids));
    }

    /**
     * Notes a failed attempt.
     *
     * @param keeper the node that asks
     * @param epoch the epoch in which it keeps the owner
     * @return false if the row is gone or {@code keeper} no longer keeps its owner, or not in this epoch; nothing was
     *     changed then
     */
    boolean recordFailure(String keeper, long epoch, String owner, long id, int attempts, String reason);

    /**
     * Gives a row up until a person decides.
     *
     * @param keeper the node that asks
     * @param epoch the epoch in which it keeps the owner
     * @return false if the row is gone or {@code keeper} no longer keeps its owner, or not in this epoch; nothing was
     *     changed then
     */
    boolean park(String keeper, long epoch, String owner, long id, int attempts, String reason);

    /**
     * Reads waiting rows of {@code owners} with ids above {@code afterId}, in one snapshot, ascending.
     *
     * @param limit rows at most
     */
    BacklogPage readAfter(Collection<String> owners, long afterId, int limit);

    /**
     * Where the first waiting rows of {@code owners} are, in one snapshot, ascending by id: a row that is left out has a
     * higher id than all that are listed.
     *
     * @param limit rows at most
     */
    List<RowPlace> waiting(Collection<String> owners, int limit);

    /** Reads rows, ascending by id; those that are gone are left out. */
    List<OutboxEntry> read(Collection<RowPlace> places);

    /** The owners that have waiting rows, but for lanes. Cheap, however many rows there are. */
    Set<String> ownersWithRows();

    /** The parked rows with ids above {@code afterId}, ascending. */
    List<ParkedEntry> parked(long afterId, int limit);

    /** The highest id of waiting rows of {@code owners}; 0 if there are none. */
    long highestId(Collection<String> owners);

    /** Counts the rows. Reads the whole table's index: for people and slow meters. */
    OutboxTableStats stats();
}
