/** Brokers as processes of their own. */
@NullMarked
package dev.tally.benchmarks.server;

import org.jspecify.annotations.NullMarked;
