/** Which transports an application has, and which of them carries a topic. */
@NullMarked
package dev.tally.boot.transport;

import org.jspecify.annotations.NullMarked;
