package dev.tally.outbox.operations;

import dev.tally.outbox.WaitingRows;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The port to the tables for how the outbox gets on. Implementations are thread-safe. The methods need no transaction, and
 * throw {@link org.springframework.dao.DataAccessException} when the database cannot be used.
 *
 * @since 0.1
 */
public interface ProgressStore {

    /** How many blocked keys are looked at. */
    int BLOCKED_KEYS = 100;

    /** All owners with their keepers. */
    List<KeptOwner> owners();

    /**
     * The first rows of every owner that has rows, the first parked one, and the first behind each of the {@value
     * #BLOCKED_KEYS} keys that are blocked longest; not those that wait for their time. Costs a look into an index for each
     * owner and each of these rows, however many rows there are.
     *
     * @param perOwner rows of each owner at most
     */
    List<FirstRow> firstRows(int perOwner);

    /** The pause that holds; {@code null} for none. */
    @Nullable Pause pause();

    /**
     * An owner and its keeper.
     *
     * @param owner the name that rows are written under
     * @param keeper the node that sends its rows
     * @param instance the name of the owner's place, or {@code null}
     * @param silentMillis how long ago the keeper said that it is alive; {@code null} if it is fenced or gone
     * @param circuitOpen whether the keeper's circuit was open then
     */
    record KeptOwner(
            String owner,
            String keeper,
            @Nullable String instance,
            @Nullable Long silentMillis,
            boolean circuitOpen) {}

    /**
     * One of the first rows of an owner.
     *
     * @param parked whether it waits for a person; its owner is none then
     * @param ageMillis how long ago it was written, or, if it was to wait for its time, how long ago that came
     */
    record FirstRow(
            long id,
            String owner,
            boolean parked,
            String topic,
            @Nullable String key,
            int attempts,
            @Nullable String lastError,
            long ageMillis) {

        /** Whether it waits behind a parked message of its key; its owner is none then. */
        boolean blocked() {
            return owner.startsWith(WaitingRows.HELD_PREFIX);
        }
    }
}
