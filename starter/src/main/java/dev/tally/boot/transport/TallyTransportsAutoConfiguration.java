package dev.tally.boot.transport;

import dev.tally.boot.TallyRocketMqAutoConfiguration;
import dev.tally.boot.transport.choice.TransportChoice;
import dev.tally.transport.RoutingTransport;
import dev.tally.transport.Transport;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Primary;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

/** Where several transports are used, the one that hands each topic to its own. Comes after those of all of them. */
@AutoConfiguration(after = TallyRocketMqAutoConfiguration.class)
public final class TallyTransportsAutoConfiguration {

    /** Those that it routes to are beans of their own, and closed as such. */
    @Bean(destroyMethod = "")
    @Primary
    @Conditional(SeveralTransportsCondition.class)
    RoutingTransport tallyRoutingTransport(ObjectProvider<Transport> transports, Environment environment) {
        List<Transport> all = transports.stream()
                .filter(each -> !(each instanceof RoutingTransport))
                .toList();
        TransportChoice choice = TransportChoice.of(
                environment, type -> ClassUtils.isPresent(type, getClass().getClassLoader()));
        return new RoutingTransport(all, choice.defaultName(), choice.topics());
    }
}
