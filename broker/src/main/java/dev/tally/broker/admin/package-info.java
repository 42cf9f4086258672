/** The read-only status page of a broker, for people and scripts on the same machine. */
@NullMarked
package dev.tally.broker.admin;

import org.jspecify.annotations.NullMarked;
