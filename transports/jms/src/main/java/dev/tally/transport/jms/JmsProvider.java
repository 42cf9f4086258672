package dev.tally.transport.jms;

import jakarta.jms.ConnectionFactory;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * The brokers that a {@link JmsTransport} knows. JMS leaves to providers what a transport needs most: how a group is
 * shared, how one message is acknowledged by itself, and how messages keep their order when members come and go.
 *
 * @since 0.1
 */
public enum JmsProvider {
    /** ActiveMQ Artemis, by its own client {@code artemis-jakarta-client}. */
    ARTEMIS("artemis", "org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory", ArtemisDialect::new),
    /** ActiveMQ Classic, by its own client {@code activemq-client}. */
    CLASSIC("activemq", "org.apache.activemq.ActiveMQConnectionFactory", ClassicDialect::new);

    private final String transportName;
    private final String factoryClass;

    @SuppressWarnings("ImmutableEnumChecker") // a constructor
    private final Supplier<Dialect> dialect;

    JmsProvider(String transportName, String factoryClass, Supplier<Dialect> dialect) {
        this.transportName = transportName;
        this.factoryClass = factoryClass;
        this.dialect = dialect;
    }

    /** What {@link JmsTransport#name()} answers. */
    public String transportName() {
        return transportName;
    }

    /** Made only where it is used: the other one's client need not be there. */
    Dialect dialect() {
        return dialect.get();
    }

    /**
     * The provider that a factory belongs to.
     *
     * @throws IllegalArgumentException if it is neither's, for instance a pool around one of theirs
     */
    public static JmsProvider of(ConnectionFactory factory) {
        return Arrays.stream(values())
                .filter(provider -> provider.made(factory.getClass()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("Cannot use connection factory "
                        + factory.getClass().getName() + ": it is neither " + ARTEMIS.factoryClass + " nor "
                        + CLASSIC.factoryClass + "; of a pool or a cache give the factory inside it"));
    }

    private boolean made(Class<?> type) {
        return type.getName().equals(factoryClass) || (type.getSuperclass() != null && made(type.getSuperclass()));
    }
}
