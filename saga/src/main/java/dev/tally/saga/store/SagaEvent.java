package dev.tally.saga.store;

import org.jspecify.annotations.Nullable;

/**
 * Something that happened to a saga.
 *
 * @param what in one word: {@code started}, {@code DONE}, {@code parked} ...
 * @param step the step, or {@code null}
 * @param from where the step, or the saga, was; {@code null} if it did not move
 * @param to where it is
 * @param attempt which attempt of the step or its compensation; 0 for none
 * @param text for people; may be {@code null}
 * @since 0.1
 */
public record SagaEvent(
        String what,
        @Nullable String step,
        @Nullable String from,
        @Nullable String to,
        int attempt,
        @Nullable String text) {}
