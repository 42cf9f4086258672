package dev.tally.broker.net;

import java.time.Duration;

/**
 * What one client may cost.
 *
 * @param maxFrameBytes the longest frame, checked before anything is allocated for it
 * @param maxConnections connections above are closed at once
 * @param idleTimeout a connection on which nothing moves for that long is closed
 * @param frameTimeout a frame that began and is not complete after that long closes its connection
 * @param writeTimeout a client that reads nothing for that long while the broker has more for it is closed
 * @param maxPendingWriteBytes answers waiting for one client; above, it is closed at once
 * @since 0.1
 */
public record ServerLimits(
        int maxFrameBytes,
        int maxConnections,
        Duration idleTimeout,
        Duration frameTimeout,
        Duration writeTimeout,
        int maxPendingWriteBytes) {}
