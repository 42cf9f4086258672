/** Takes changes of entities from Hibernate as it flushes, and publishes them with their transaction. */
@NullMarked
package dev.tally.outbox.hibernate;

import org.jspecify.annotations.NullMarked;
