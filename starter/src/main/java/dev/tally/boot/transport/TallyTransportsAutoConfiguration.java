package dev.tally.boot.transport;

import dev.tally.boot.ProcessEdges;
import dev.tally.boot.TallyRocketMqAutoConfiguration;
import dev.tally.boot.transport.choice.TransportChoice;
import dev.tally.transport.RoutingTransport;
import dev.tally.transport.Transport;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Primary;
import org.springframework.util.ClassUtils;

/** Where several transports are used, the one that hands each topic to its own. Comes after those of all of them. */
@AutoConfiguration(after = TallyRocketMqAutoConfiguration.class)
public final class TallyTransportsAutoConfiguration {

    /** Those that it routes to are beans of their own, and closed as such. */
    @Bean(destroyMethod = "")
    @Primary
    @Conditional(SeveralTransportsCondition.class)
    RoutingTransport tallyRoutingTransport(ObjectProvider<Transport> transports, ApplicationContext application) {
        List<Transport> all = transports.stream()
                .filter(each -> !(each instanceof RoutingTransport))
                .toList();
        TransportChoice choice = choice(application);
        return new RoutingTransport(all, choice.defaultName(), choice.topics());
    }

    /** RocketMQ's says itself what it misses, and may be left out on purpose where only guards are used. */
    @Bean
    @ConditionalOnBean(ProcessEdges.class)
    TransportsCheck tallyTransportsCheck(ApplicationContext application) {
        Map<String, Transport> transports = application.getBeansOfType(Transport.class, true, false);
        boolean ownOnly = transports.keySet().stream().allMatch(name -> name.startsWith("tally"));
        Set<String> wanted = new LinkedHashSet<>();
        if (ownOnly) {
            wanted.addAll(choice(application).names());
            wanted.remove("rocketmq");
        }
        return new TransportsCheck(wanted, List.copyOf(transports.values()));
    }

    private static TransportChoice choice(ApplicationContext application) {
        return TransportChoice.of(
                application.getEnvironment(), type -> ClassUtils.isPresent(type, application.getClassLoader()));
    }
}
