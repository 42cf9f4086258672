package dev.tally.benchmarks.figure;

/**
 * One number of one run.
 *
 * @param unit what it counts, such as {@code messages/s} or {@code ms p99}; readings of one unit are taken together
 */
public record Reading(double value, String unit) {}
