package dev.tally.saga.definition;

/**
 * The way on which a step lies.
 *
 * @param choice the step that decides
 * @param label the way's name
 * @since 0.1
 */
public record Guard(String choice, String label) {}
