package dev.tally.broker.net;

import java.time.Duration;

/**
 * What clients may cost.
 *
 * @param maxFrameBytes the longest frame, checked before anything is allocated for it
 * @param maxConnections connections above are closed at once
 * @param maxConnectionsPerAddress connections of one remote address above are closed at once
 * @param idleTimeout a connection from which nothing comes for that long is closed
 * @param frameTimeout a frame that is not complete that long after it began closes its connection; the first one begins
 *     with the connection
 * @param writeTimeout a client that takes nothing for that long while the broker has something for it is closed
 * @param maxPendingWriteBytes answers waiting for one client; above, it is closed at once
 * @param maxPendingWriteBytesOfAll answers waiting for all clients; above, a client that does not keep up is closed at
 *     once
 * @since 0.1
 */
public record ServerLimits(
        int maxFrameBytes,
        int maxConnections,
        int maxConnectionsPerAddress,
        Duration idleTimeout,
        Duration frameTimeout,
        Duration writeTimeout,
        int maxPendingWriteBytes,
        long maxPendingWriteBytesOfAll) {}
