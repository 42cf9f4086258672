/** Load from the official client. */
@NullMarked
package dev.tally.benchmarks.client;

import org.jspecify.annotations.NullMarked;
