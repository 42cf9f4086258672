/** A service that stores orders and publishes them through an outbox, ours or a peer's, as a process of its own. */
@NullMarked
package dev.tally.benchmarks.publisher;

import org.jspecify.annotations.NullMarked;
