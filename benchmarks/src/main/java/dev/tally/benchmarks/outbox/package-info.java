/** The suite of the outbox beside plain JDBC and its peers, on PostgreSQL. */
@NullMarked
package dev.tally.benchmarks.outbox;

import org.jspecify.annotations.NullMarked;
