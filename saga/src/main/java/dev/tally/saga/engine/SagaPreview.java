package dev.tally.saga.engine;

import dev.tally.saga.SagaState;
import dev.tally.saga.store.SagaEvent;
import java.util.List;

/**
 * What an act would do.
 *
 * @param state where the saga would be
 * @param events what would happen to it at once
 * @param effects what would be done at once, for people; local work that is named here may lead to more
 * @since 0.1
 */
public record SagaPreview(SagaState state, List<SagaEvent> events, List<String> effects) {}
