/** JPA's part in publishing: changes are flushed before the messages are written. Needs spring-orm. */
@NullMarked
package dev.tally.publish.jpa;

import org.jspecify.annotations.NullMarked;
