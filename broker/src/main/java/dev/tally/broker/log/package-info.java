/**
 * One append-only log of checked records in preallocated segment files: group commit, recovery, refusal of what is
 * corrupt. It knows nothing of messages.
 */
@NullMarked
package dev.tally.broker.log;

import org.jspecify.annotations.NullMarked;
