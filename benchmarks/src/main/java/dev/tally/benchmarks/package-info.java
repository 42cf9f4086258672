/** Figures of Tally beside its peers, from one command. */
@NullMarked
package dev.tally.benchmarks;

import org.jspecify.annotations.NullMarked;
