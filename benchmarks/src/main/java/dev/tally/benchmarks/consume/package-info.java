/** The suite of consuming beside what is written by hand, on PostgreSQL. */
@NullMarked
package dev.tally.benchmarks.consume;

import org.jspecify.annotations.NullMarked;
