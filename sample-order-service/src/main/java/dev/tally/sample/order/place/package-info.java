/** Placing an order: the order is stored and its message leaves, or neither. */
@NullMarked
package dev.tally.sample.order.place;

import org.jspecify.annotations.NullMarked;
