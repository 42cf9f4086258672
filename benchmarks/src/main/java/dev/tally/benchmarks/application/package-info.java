/** A service that stores orders and publishes them, as a process of its own, in the ways that are compared. */
@NullMarked
package dev.tally.benchmarks.application;

import org.jspecify.annotations.NullMarked;
