/**
 * What does the steps of sagas: beans whose methods take commands, and the barrier that gives each command one effect, whatever
 * comes twice, late or in the wrong order.
 */
@NullMarked
package dev.tally.saga.participant;

import org.jspecify.annotations.NullMarked;
