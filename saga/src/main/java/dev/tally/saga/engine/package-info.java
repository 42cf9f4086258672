/**
 * Runs sagas. {@link dev.tally.saga.engine.SagaRun} says what follows from what, without any input or output; the others do
 * it in transactions.
 */
@NullMarked
package dev.tally.saga.engine;

import org.jspecify.annotations.NullMarked;
