package dev.tally.saga.participant;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;

/**
 * What a participant has done for the steps of sagas, in the database of its effects. Implementations are thread-safe and work
 * in the transaction of the calling thread.
 *
 * @since 0.1
 */
public interface BarrierStore {

    /** By how much the clocks of a participant and its database may differ; rows outlive their retention by that. */
    Duration CLOCKS_APART = Duration.ofDays(1);

    /**
     * Locks the rows of {@code startedAt}'s keys until the transaction ends, and waits for transactions that have them. A key
     * without a row gets one in the state {@link BarrierState#NEW}, which {@link #save} has to change or take away. To be the
     * first thing in a transaction, and once.
     *
     * @param startedAt when the saga of each key began
     * @return the rows, as they were committed last
     * @throws org.springframework.transaction.IllegalTransactionStateException outside a transaction
     * @throws org.springframework.dao.ConcurrencyFailureException if the database gives the transaction up for another one's
     *     sake; it has to be begun anew
     */
    Map<StepKey, BarrierRow> lock(Map<StepKey, Instant> startedAt);

    /** Stores rows that this transaction has locked; those that are {@link BarrierState#NEW} are removed. */
    void save(Collection<BarrierRow> rows);

    /**
     * Removes rows of sagas that began, by the database's clock, longer ago than {@code retention} and {@link #CLOCKS_APART},
     * in a transaction of its own.
     *
     * @param retention as the participants have it, which run no command of a saga that is older
     * @param limit rows removed at most
     * @return how many were removed
     */
    int purge(Duration retention, int limit);
}
