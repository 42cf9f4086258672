/** The index by which messages are found by their keys; derived from the log. */
@NullMarked
package dev.tally.broker.key;

import org.jspecify.annotations.NullMarked;
