/** Suite {@code saga}: sagas beside the same purchases written by hand. */
@NullMarked
package dev.tally.benchmarks.saga;

import org.jspecify.annotations.NullMarked;
