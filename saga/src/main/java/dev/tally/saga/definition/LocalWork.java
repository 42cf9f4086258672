package dev.tally.saga.definition;

import dev.tally.saga.StepContext;

/**
 * Work that a saga does itself, in the database transaction in which its state changes. It must not do anything that this
 * transaction does not cover: it may run more than once before it takes effect once.
 *
 * @param <D> the saga's data
 * @since 0.1
 */
@FunctionalInterface
public interface LocalWork<D> {

    /**
     * Does the work.
     *
     * @return the saga's data afterwards; {@code data} if nothing changed
     * @throws dev.tally.saga.RefusedException if it will not be done for a reason of the business
     * @throws Exception if it failed, and may be tried again
     */
    D run(D data, StepContext context) throws Exception;
}
