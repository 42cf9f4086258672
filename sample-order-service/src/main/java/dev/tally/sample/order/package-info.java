/** A service that takes orders and tells the stock service about each of them, once and only if it is stored, or places them by sagas. */
@NullMarked
package dev.tally.sample.order;

import org.jspecify.annotations.NullMarked;
