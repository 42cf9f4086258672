/** What consumers see, derived from the log: the index of each queue, and each group's progress. */
@NullMarked
package dev.tally.broker.queue;

import org.jspecify.annotations.NullMarked;
