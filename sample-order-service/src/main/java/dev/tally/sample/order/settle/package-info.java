/** Settling an order by the stock service's answer. */
@NullMarked
package dev.tally.sample.order.settle;

import org.jspecify.annotations.NullMarked;
