/** Placing and cancelling orders by sagas: several services' work, carried to its end or taken back. */
@NullMarked
package dev.tally.sample.order.saga;

import org.jspecify.annotations.NullMarked;
