package dev.tally.boot.transport;

import dev.tally.boot.ProcessEdges;
import dev.tally.boot.TallyCoreAutoConfiguration;
import dev.tally.boot.transport.choice.ConditionalOnTransport;
import dev.tally.transport.jms.JmsProvider;
import dev.tally.transport.jms.JmsSettings;
import dev.tally.transport.jms.JmsTransport;
import jakarta.jms.ConnectionFactory;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/** The transport over ActiveMQ Artemis, by the application's connection factory or {@code spring.artemis.*}. */
@AutoConfiguration(
        after = TallyCoreAutoConfiguration.class,
        before = TallyTransportsAutoConfiguration.class,
        afterName = "org.springframework.boot.artemis.autoconfigure.ArtemisAutoConfiguration")
@ConditionalOnClass({JmsTransport.class, ActiveMQConnectionFactory.class})
@ConditionalOnBean(ProcessEdges.class)
@ConditionalOnTransport("artemis")
@EnableConfigurationProperties(TallyJmsProperties.class)
public final class TallyArtemisAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(name = "tallyArtemisSettings")
    JmsSettings tallyArtemisSettings(
            TallyJmsProperties properties, ObjectProvider<ConnectionFactory> factories, Environment environment) {
        return properties.settings(
                JmsFactories.of(
                        JmsProvider.ARTEMIS,
                        factories,
                        environment,
                        "spring.artemis",
                        TallyArtemisAutoConfiguration::factory),
                environment);
    }

    @Bean(destroyMethod = "close")
    JmsTransport tallyArtemisTransport(@Qualifier("tallyArtemisSettings") JmsSettings settings) {
        return new JmsTransport(settings);
    }

    private static ConnectionFactory factory(JmsFactories.Address address) {
        ActiveMQConnectionFactory factory = new ActiveMQConnectionFactory(address.brokerUrl());
        if (address.user() != null && !address.user().isBlank()) {
            factory.setUser(address.user());
            factory.setPassword(address.password());
        }
        return factory;
    }
}
