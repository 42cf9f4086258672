/** The outbox table over JDBC, through the connection that Spring has bound to the transaction. */
@NullMarked
package dev.tally.outbox.jdbc;

import org.jspecify.annotations.NullMarked;
