/** Time and waiting, handed in from outside. */
@NullMarked
package dev.tally.benchmarks.time;

import org.jspecify.annotations.NullMarked;
