/** Who is connected: members of producer and consumer groups, and the queues that they hold. */
@NullMarked
package dev.tally.broker.client;

import org.jspecify.annotations.NullMarked;
