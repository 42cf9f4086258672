/**
 * Half messages, decided once: the state machine, the table of the undecided with their check-backs, and what was
 * decided.
 */
@NullMarked
package dev.tally.broker.half;

import org.jspecify.annotations.NullMarked;
