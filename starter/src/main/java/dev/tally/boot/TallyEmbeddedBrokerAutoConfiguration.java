package dev.tally.boot;

import dev.tally.boot.transport.choice.ConditionalOnTransport;
import dev.tally.broker.Broker;
import dev.tally.broker.BrokerConfig;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;

/** The broker inside the application, where it is on the class path and no other is configured. */
@AutoConfiguration(after = TallyCoreAutoConfiguration.class, before = TallyRocketMqAutoConfiguration.class)
@ConditionalOnClass(Broker.class)
@ConditionalOnBooleanProperty(name = "tally.broker.enabled", matchIfMissing = true)
@Conditional(NoNameServerCondition.class)
@ConditionalOnBean(ProcessEdges.class)
@ConditionalOnTransport("rocketmq")
@EnableConfigurationProperties(TallyBrokerProperties.class)
public final class TallyEmbeddedBrokerAutoConfiguration {

    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    Broker tallyBroker(TallyBrokerProperties properties) {
        return Broker.start(BrokerConfig.builder(properties.dataDirectory())
                .host(properties.host())
                .port(properties.port())
                .build());
    }

    @Bean
    @ConditionalOnMissingBean
    BrokerAddress tallyBrokerAddress(Broker broker) {
        return new BrokerAddress(broker.address());
    }
}
