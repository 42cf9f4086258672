/** Reserving all lines of an order, or none. */
@NullMarked
package dev.tally.sample.stock.reserve;

import org.jspecify.annotations.NullMarked;
