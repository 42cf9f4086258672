package dev.tally.consume;

import java.time.Duration;

/**
 * When a group will have handled all that waits for it, if it and its producers go on as they did lately.
 *
 * @since 0.1
 */
public sealed interface TimeToEmpty {

    /** Nothing waits. */
    record Now() implements TimeToEmpty {}

    /**
     * After this time.
     *
     * @param duration positive
     */
    record After(Duration duration) implements TimeToEmpty {}

    /** Never at this pace: as much arrives as is acknowledged, or more. */
    record Never() implements TimeToEmpty {}

    /** There is only one reading yet, or what came before it says nothing, as after a move of positions. */
    record Unknown() implements TimeToEmpty {}
}
