/**
 * Frames over TCP: accept, decode, bound, close. Netty stays inside; everything else sees
 * {@link dev.tally.broker.net.Connection} and {@link dev.tally.broker.net.ConnectionListener}.
 */
@NullMarked
package dev.tally.broker.net;

import org.jspecify.annotations.NullMarked;
