package dev.tally.broker.net;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/** How many connections stand, in all and by remote address. Thread-safe. */
final class ConnectionCounts {

    private final ServerLimits limits;
    private final Map<InetAddress, Integer> byAddress = new HashMap<>();
    private int all;

    ConnectionCounts(ServerLimits limits) {
        this.limits = limits;
    }

    /** Counts a connection unless there are too many. */
    synchronized boolean enter(InetAddress address) {
        int here = byAddress.getOrDefault(address, 0);
        if (all >= limits.maxConnections() || here >= limits.maxConnectionsPerAddress()) {
            return false;
        }
        byAddress.put(address, here + 1);
        all++;
        return true;
    }

    /** A counted connection is gone. */
    synchronized void leave(InetAddress address) {
        byAddress.computeIfPresent(address, (key, here) -> here == 1 ? null : here - 1);
        all--;
    }

    synchronized int all() {
        return all;
    }
}
