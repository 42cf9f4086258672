/** Workloads that contenders run in turns, and the medians of what was read. */
@NullMarked
package dev.tally.benchmarks.figure;

import org.jspecify.annotations.NullMarked;
