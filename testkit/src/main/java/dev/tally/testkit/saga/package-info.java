/** Sagas in memory, and their exploration: every crash, duplicate, delay and loss that a seed can think of. */
@NullMarked
package dev.tally.testkit.saga;

import org.jspecify.annotations.NullMarked;
