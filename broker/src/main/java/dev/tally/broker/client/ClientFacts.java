package dev.tally.broker.client;

import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.ConsumerTraits;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** What clients say of themselves beside their memberships; for people who look, no behaviour hangs on it. Thread-safe. */
public final class ClientFacts {

    private final ConcurrentMap<Connection, Facts> byConnection = new ConcurrentHashMap<>();

    /**
     * What one client said with its latest heartbeat.
     *
     * @param language the protocol's code of its language
     * @param version its version, a number of the protocol
     * @param heardMillis when that was, epoch milliseconds
     * @param consumers how it consumes, by consumer group
     */
    public record Facts(int language, int version, long heardMillis, Map<String, ConsumerTraits> consumers) {}

    /** A heartbeat came. */
    public void heard(Connection connection, Facts facts) {
        byConnection.put(connection, facts);
        if (!connection.open()) {
            gone(connection);
        }
    }

    /** What is known of the client behind a connection, {@code null} where it never said anything. */
    public @Nullable Facts of(Connection connection) {
        return byConnection.get(connection);
    }

    /** The connection is gone. */
    public void gone(Connection connection) {
        byConnection.remove(connection);
    }
}
