/** Changes of entities as messages: the annotation, the document, and how consumers read it. Needs no Hibernate. */
@NullMarked
package dev.tally.outbox.change;

import org.jspecify.annotations.NullMarked;
