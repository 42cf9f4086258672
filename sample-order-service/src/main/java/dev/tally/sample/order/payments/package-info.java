/** Payments: a participant of sagas, which could as well be a service of its own. */
@NullMarked
package dev.tally.sample.order.payments;

import org.jspecify.annotations.NullMarked;
