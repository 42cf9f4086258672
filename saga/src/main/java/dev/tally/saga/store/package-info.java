/** What is kept of sagas, and the port to where it is kept. */
@NullMarked
package dev.tally.saga.store;

import org.jspecify.annotations.NullMarked;
