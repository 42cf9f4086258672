package dev.tally.saga;

/**
 * What came of starting a saga.
 *
 * @param id the saga's id
 * @param state where it is
 * @param isNew whether it was started now; otherwise there is one with this business key already
 * @since 0.1
 */
public record SagaStart(String id, SagaState state, boolean isNew) {}
