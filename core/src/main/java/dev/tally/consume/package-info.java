/** Consuming with one effect for each message: the annotation, the inbox, and the handling of deliveries. */
@NullMarked
package dev.tally.consume;

import org.jspecify.annotations.NullMarked;
