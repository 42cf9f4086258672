/** The stock service as a participant of the order service's sagas. */
@NullMarked
package dev.tally.sample.stock.saga;

import org.jspecify.annotations.NullMarked;
