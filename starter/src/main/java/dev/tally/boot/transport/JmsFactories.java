package dev.tally.boot.transport;

import dev.tally.transport.TransportException;
import dev.tally.transport.jms.JmsProvider;
import jakarta.jms.ConnectionFactory;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeanWrapper;
import org.springframework.beans.PropertyAccessorFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.env.Environment;

/**
 * Finds the factory of a provider's own client: that of the application, without the cache or the pool that may be around
 * it, else one by Boot's properties.
 */
final class JmsFactories {

    /** How caches and pools name what they are around: Spring's, and Pooled JMS. */
    private static final List<String> INSIDE = List.of("targetConnectionFactory", "connectionFactory");

    private static final int DEEPEST = 4;

    /** What Boot has under {@code spring.artemis} and {@code spring.activemq}, as far as it is about a broker elsewhere. */
    record Address(
            @Nullable String mode,
            @DefaultValue("tcp://localhost:61616") String brokerUrl,
            @Nullable String user,
            @Nullable String password) {}

    private JmsFactories() {}

    /**
     * Finds it, or makes one.
     *
     * @param prefix of Boot's properties
     * @throws TransportException if the application has several, or only such as belong to no provider
     */
    static ConnectionFactory of(
            JmsProvider provider,
            ObjectProvider<ConnectionFactory> beans,
            Environment environment,
            String prefix,
            Function<Address, ConnectionFactory> byAddress) {
        List<ConnectionFactory> all =
                beans.orderedStream().map(JmsFactories::innermost).distinct().toList();
        List<ConnectionFactory> own =
                all.stream().filter(each -> isOf(provider, each)).toList();
        if (own.size() == 1) {
            return own.get(0);
        }
        if (own.size() > 1) {
            return Optional.ofNullable(beans.getIfUnique())
                    .map(JmsFactories::innermost)
                    .filter(each -> isOf(provider, each))
                    .orElseThrow(() -> new TransportException("Cannot start the transport '" + provider.transportName()
                            + "': there are " + own.size()
                            + " connection factories of its broker, and none of them is primary"));
        }
        Address address = Binder.get(environment).bindOrCreate(prefix, Address.class);
        boolean unknown = all.stream().anyMatch(each -> JmsProvider.find(each).isEmpty());
        boolean embedded = "embedded".equalsIgnoreCase(address.mode());
        if (embedded || (unknown && !environment.containsProperty(prefix + ".broker-url"))) {
            throw new TransportException("Cannot start the transport '" + provider.transportName() + "': "
                    + (embedded
                            ? prefix + ".mode is embedded, and there is no connection factory to a broker inside"
                            : "the application's connection factory " + all
                                    + " is no one's that is known, and its target cannot be seen; set " + prefix
                                    + ".broker-url"));
        }
        return byAddress.apply(address);
    }

    private static boolean isOf(JmsProvider provider, ConnectionFactory factory) {
        return JmsProvider.find(factory).equals(Optional.of(provider));
    }

    /** The transport has connections of its own, which it watches and closes. */
    private static ConnectionFactory innermost(ConnectionFactory factory) {
        ConnectionFactory known = factory;
        for (int depth = 0; depth < DEEPEST && JmsProvider.find(known).isEmpty(); depth++) {
            known = inside(known);
        }
        return known;
    }

    private static ConnectionFactory inside(ConnectionFactory factory) {
        BeanWrapper properties = PropertyAccessorFactory.forBeanPropertyAccess(factory);
        for (String name : INSIDE) {
            if (properties.isReadableProperty(name)
                    && properties.getPropertyValue(name) instanceof ConnectionFactory inner) {
                return inner;
            }
        }
        return factory;
    }
}
