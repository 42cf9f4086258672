/** Sagas in a database. */
@NullMarked
package dev.tally.saga.jdbc;

import org.jspecify.annotations.NullMarked;
