/** Tests of sagas, and tests with sagas; their exploration in memory: every crash, duplicate and delay that a seed can think of. */
@NullMarked
package dev.tally.testkit.saga;

import org.jspecify.annotations.NullMarked;
