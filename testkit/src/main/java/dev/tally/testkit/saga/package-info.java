/** Tests of sagas, and tests with sagas. */
@NullMarked
package dev.tally.testkit.saga;

import org.jspecify.annotations.NullMarked;
