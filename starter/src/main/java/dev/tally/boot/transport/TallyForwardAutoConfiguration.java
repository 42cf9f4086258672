package dev.tally.boot.transport;

import dev.tally.boot.TallyConsumerAutoConfiguration;
import dev.tally.consume.IdempotentConsumerRegistry;
import dev.tally.consume.TopicForwards;
import dev.tally.transport.RoutingTransport;
import dev.tally.transport.Transport;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** What is sent on from one transport to another, see {@code tally.forward}. */
@AutoConfiguration(after = {TallyTransportsAutoConfiguration.class, TallyConsumerAutoConfiguration.class})
@ConditionalOnBean(Transport.class)
@EnableConfigurationProperties(TallyForwardProperties.class)
public final class TallyForwardAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    TopicForwards tallyTopicForwards(
            ObjectProvider<Transport> transports,
            ObjectProvider<IdempotentConsumerRegistry> consumers,
            TallyForwardProperties properties) {
        TopicForwards forwards = new TopicForwards(
                transports.stream()
                        .filter(each -> !(each instanceof RoutingTransport))
                        .toList(),
                properties.forward().entrySet().stream()
                        .map(each -> each.getValue().named(each.getKey()))
                        .toList());
        consumers.ifAvailable(registry -> registry.alsoShow(forwards::running));
        return forwards;
    }
}
