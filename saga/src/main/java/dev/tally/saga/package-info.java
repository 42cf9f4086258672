/**
 * Processes over several services, carried to their end: what applications call. A saga's definition is written with {@link
 * dev.tally.saga.definition}, its participants with {@link dev.tally.saga.participant}.
 */
@NullMarked
package dev.tally.saga;

import org.jspecify.annotations.NullMarked;
