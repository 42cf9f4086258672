/** How many messages a transport sends in a second, beside its broker's bare client. */
@NullMarked
package dev.tally.testkit.throughput;

import org.jspecify.annotations.NullMarked;
