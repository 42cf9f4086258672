/**
 * What the broker does for its clients: a table from request code to handler, one handler for each exchange, and what
 * they share (who is connected, which topics there are, which pulls wait, which queues are locked). Knows connections
 * and the storage port, neither Netty nor files.
 */
@NullMarked
package dev.tally.broker.server;

import org.jspecify.annotations.NullMarked;
