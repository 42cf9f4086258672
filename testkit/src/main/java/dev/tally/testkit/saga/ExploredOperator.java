package dev.tally.testkit.saga;

import dev.tally.saga.engine.EngineParts;
import dev.tally.saga.store.StoredSaga;
import java.util.random.RandomGenerator;

/**
 * The person who sees to sagas while they are explored. Acts begin their own transactions.
 *
 * @since 0.1
 */
public interface ExploredOperator {

    /**
     * Does something with a saga that has not ended, or nothing. Faults may happen.
     *
     * @param node with what it is done
     */
    void act(EngineParts node, StoredSaga saga, RandomGenerator random);

    /** Gets a parked saga going again, when there are no more faults. */
    void solve(EngineParts node, StoredSaga parked);
}
