package dev.tally.boot.actuate;

import dev.tally.boot.RecentConsumerLags;
import dev.tally.boot.TallyConsumerOperationsAutoConfiguration;
import dev.tally.consume.ConsumerOperations;
import dev.tally.consume.IdempotentConsumerRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** The consumers' actuator endpoint, where it is exposed. */
@AutoConfiguration(after = TallyConsumerOperationsAutoConfiguration.class)
@ConditionalOnClass({Endpoint.class, ConditionalOnAvailableEndpoint.class})
@ConditionalOnBean(IdempotentConsumerRegistry.class)
public final class TallyConsumersEndpointAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnAvailableEndpoint
    TallyConsumersEndpoint tallyConsumersEndpoint(
            IdempotentConsumerRegistry consumers,
            RecentConsumerLags lags,
            ObjectProvider<ConsumerOperations> operations) {
        return new TallyConsumersEndpoint(consumers, lags, operations.getIfAvailable());
    }
}
