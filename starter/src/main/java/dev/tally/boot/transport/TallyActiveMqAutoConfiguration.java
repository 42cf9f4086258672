package dev.tally.boot.transport;

import dev.tally.boot.ProcessEdges;
import dev.tally.boot.TallyCoreAutoConfiguration;
import dev.tally.boot.transport.choice.ConditionalOnTransport;
import dev.tally.transport.jms.JmsProvider;
import dev.tally.transport.jms.JmsSettings;
import dev.tally.transport.jms.JmsTransport;
import jakarta.jms.ConnectionFactory;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/** The transport over ActiveMQ Classic, by the application's connection factory or {@code spring.activemq.*}. */
@AutoConfiguration(
        after = TallyCoreAutoConfiguration.class,
        before = TallyTransportsAutoConfiguration.class,
        afterName = "org.springframework.boot.activemq.autoconfigure.ActiveMQAutoConfiguration")
@ConditionalOnClass({JmsTransport.class, ActiveMQConnectionFactory.class})
@ConditionalOnBean(ProcessEdges.class)
@ConditionalOnTransport("activemq")
@EnableConfigurationProperties(TallyJmsProperties.class)
public final class TallyActiveMqAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(name = "tallyActiveMqSettings")
    JmsSettings tallyActiveMqSettings(
            TallyJmsProperties properties, ObjectProvider<ConnectionFactory> factories, Environment environment) {
        return properties.settings(
                JmsFactories.of(
                        JmsProvider.CLASSIC,
                        factories,
                        environment,
                        "spring.activemq",
                        TallyActiveMqAutoConfiguration::factory),
                environment);
    }

    @Bean(destroyMethod = "close")
    JmsTransport tallyActiveMqTransport(@Qualifier("tallyActiveMqSettings") JmsSettings settings) {
        return new JmsTransport(settings);
    }

    private static ConnectionFactory factory(JmsFactories.Address address) {
        ActiveMQConnectionFactory factory = new ActiveMQConnectionFactory(address.brokerUrl());
        if (address.user() != null && !address.user().isBlank()) {
            factory.setUserName(address.user());
            factory.setPassword(address.password());
        }
        return factory;
    }
}
