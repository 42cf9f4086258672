/** The service that consumes orders, as a process, in each way that is measured. */
@NullMarked
package dev.tally.benchmarks.consumer;

import org.jspecify.annotations.NullMarked;
