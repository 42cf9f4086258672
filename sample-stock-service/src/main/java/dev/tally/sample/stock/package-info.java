/** A service that reserves stock for each placed order, once, and answers the order service. */
@NullMarked
package dev.tally.sample.stock;

import org.jspecify.annotations.NullMarked;
