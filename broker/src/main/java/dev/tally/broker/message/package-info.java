/** From a request to a message in the store, and from there to a client. */
@NullMarked
package dev.tally.broker.message;

import org.jspecify.annotations.NullMarked;
