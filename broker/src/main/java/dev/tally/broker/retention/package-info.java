/**
 * What the log may forget: which segments are expired, what in them is still needed, and where what was copied forward
 * stands now. {@link dev.tally.broker.engine} carries it out.
 */
@NullMarked
package dev.tally.broker.retention;

import org.jspecify.annotations.NullMarked;
