package dev.tally.outbox.operations;

import dev.tally.message.Headers;
import dev.tally.outbox.ParkedEntry;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The port to the tables for what people do. Implementations are thread-safe.
 *
 * <p>All methods run in the current transaction of the outbox's data source where there is one, and those that change
 * something need one. They throw {@link org.springframework.dao.DataAccessException} when the database cannot be used.
 *
 * @since 0.1
 */
public interface OperationsStore {

    /**
     * Parked rows, ascending by id.
     *
     * @param afterId only rows with higher ids
     * @param limit rows at most
     */
    List<ParkedRow> parked(ParkedFilter filter, long afterId, int limit);

    /** How many parked rows fit, and the first of them. */
    ParkedPreview preview(ParkedFilter filter, int first);

    /** A parked row with its payload; {@code null} if no row with this id is parked. */
    @Nullable ParkedEntry find(long id);

    /** The same, and keeps others from changing it until the transaction ends. */
    @Nullable ParkedEntry lock(long id);

    /** The lowest ids of parked rows of a key that are below {@code id}. */
    List<Long> olderOfKey(String key, long id, int limit);

    /** For each of these keys that has parked rows which do not fit, the lowest id of those. */
    Map<String, Long> firstNotMatching(ParkedFilter filter, Collection<String> keys);

    /** Changes a parked row. */
    void change(long id, Headers headers, byte[] payload);

    /** Keeps a parked row as it is now, for whoever wants to know what was there. */
    void keepRevision(ParkedEntry entry, String action);

    /**
     * Lets a parked row be sent again, its attempts counted from zero: in the lane of its key, or, without one, by any
     * node.
     *
     * @return false if it is not parked any more
     */
    boolean giveBack(long id, @Nullable String key);

    /**
     * Deletes a parked row.
     *
     * @return false if it is not parked any more
     */
    boolean discard(long id);

    /** The pause that holds; {@code null} for none. */
    @Nullable Pause pause();

    /**
     * Pauses the outbox.
     *
     * @return false if it is paused already
     */
    boolean pause(WhoAndWhy whoAndWhy);

    /**
     * Ends the pause.
     *
     * @return false if there was none
     */
    boolean unpause();

    /**
     * Counts waiting rows by a property, the most first.
     *
     * @param look rows that are looked at, at most; the lowest in the order of the table's index
     * @param groups groups at most
     */
    List<WaitingGroup> waitingBy(WaitingGroup.By by, int look, int groups);
}
