package dev.tally.saga.store;

/**
 * The step of another saga for which a saga runs.
 *
 * @param sagaId the other saga
 * @param step the step
 * @param attempt which attempt of it
 * @param undo whether the saga takes the step back
 * @since 0.1
 */
public record ParentStep(String sagaId, String step, int attempt, boolean undo) {}
