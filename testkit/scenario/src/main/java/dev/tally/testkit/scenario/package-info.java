/** The mark that ties a test to a numbered failure scenario. On its own, so that every module's tests can carry it. */
@NullMarked
package dev.tally.testkit.scenario;

import org.jspecify.annotations.NullMarked;
