package dev.tally.boot.saga;

import dev.tally.saga.engine.SagaDefinitions;
import dev.tally.saga.engine.SagaOperations;
import dev.tally.saga.jdbc.JdbcSagaSearch;
import dev.tally.saga.lock.LockKeeper;
import dev.tally.saga.view.SagaViews;
import org.jspecify.annotations.Nullable;

/**
 * What the endpoint shows and does.
 *
 * @param definitions of the sagas that run here
 * @param search finds them
 * @param views explains them
 * @param locks shows their locks, and takes them away
 * @param operations what people may do with them; {@code null} where they may only look
 * @since 0.1
 */
public record SagaAccess(
        SagaDefinitions definitions,
        JdbcSagaSearch search,
        SagaViews views,
        LockKeeper locks,
        @Nullable SagaOperations operations) {}
