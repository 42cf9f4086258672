package dev.tally.broker.client;

import dev.tally.broker.net.Connection;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * What is known of the other ends of connections: when they were heard last, and whether they said good-bye. Outlives
 * the connection for whoever keeps a {@link Peer}. Thread-safe.
 */
public final class Peers {

    private final ConcurrentMap<Connection, Peer> peers = new ConcurrentHashMap<>();

    /** One other end. */
    public static final class Peer {

        private volatile long heardMillis;
        private volatile boolean closed;
        private volatile boolean goodbye;

        /** Whether the connection is gone. */
        public boolean closed() {
            return closed;
        }

        /**
         * Whether what was written to it at that time has surely been read: it sent something clearly later, or said
         * good-bye, which clients do while they still read.
         */
        public boolean surelyGot(long writtenMillis, long settledAfterMillis) {
            return goodbye || heardMillis >= writtenMillis + settledAfterMillis;
        }

        public static Peer unknown() {
            Peer peer = new Peer();
            peer.closed = true;
            return peer;
        }
    }

    /** The connection brought something. */
    public Peer heard(Connection connection, long nowMillis) {
        Peer known = peers.get(connection);
        Peer peer = known == null ? peers.computeIfAbsent(connection, absent -> new Peer()) : known;
        peer.heardMillis = nowMillis;
        if (known == null && !connection.open()) {
            // It went while its last request was under way: nobody would tell of it again.
            gone(connection);
        }
        return peer;
    }

    /** The client says that it leaves. */
    public void goodbye(Connection connection) {
        Peer peer = peers.get(connection);
        if (peer != null) {
            peer.goodbye = true;
        }
    }

    /** The connection is gone. */
    public void gone(Connection connection) {
        Peer peer = peers.remove(connection);
        if (peer != null) {
            peer.closed = true;
        }
    }
}
