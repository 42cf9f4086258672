/** What applications run on: a database, and a broker with the topic of the orders. */
@NullMarked
package dev.tally.benchmarks.stage;

import org.jspecify.annotations.NullMarked;
