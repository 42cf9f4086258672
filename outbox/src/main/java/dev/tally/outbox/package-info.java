/** The transactional outbox: messages are rows of the business transaction, and leave after its commit. */
@NullMarked
package dev.tally.outbox;

import org.jspecify.annotations.NullMarked;
