/** A service that reserves stock for each placed order, once, and answers the order service; in sagas it reserves and gives back. */
@NullMarked
package dev.tally.sample.stock;

import org.jspecify.annotations.NullMarked;
