/** The transport over Redis streams. */
@NullMarked
package dev.tally.transport.redis;

import org.jspecify.annotations.NullMarked;
