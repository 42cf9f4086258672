package dev.tally.boot.transport;

import dev.tally.boot.HandlerThreads;
import dev.tally.boot.ProcessEdges;
import dev.tally.boot.TallyCoreAutoConfiguration;
import dev.tally.boot.transport.choice.ConditionalOnTransport;
import dev.tally.boot.transport.choice.TransportChoiceException;
import dev.tally.transport.rabbitmq.RabbitMqSettings;
import dev.tally.transport.rabbitmq.RabbitMqTransport;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.amqp.autoconfigure.CachingConnectionFactoryConfigurer;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** The transport over RabbitMQ, by the application's own {@code spring.rabbitmq.*} properties. */
@AutoConfiguration(
        after = TallyCoreAutoConfiguration.class,
        before = TallyTransportsAutoConfiguration.class,
        afterName = "org.springframework.boot.amqp.autoconfigure.RabbitAutoConfiguration")
@ConditionalOnClass(RabbitMqTransport.class)
@ConditionalOnBean(ProcessEdges.class)
@ConditionalOnTransport("rabbitmq")
@EnableConfigurationProperties(TallyRabbitMqProperties.class)
public final class TallyRabbitMqAutoConfiguration {

    /** What Spring Boot has made of {@code spring.rabbitmq.*}, and customizers and connection details of it. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(CachingConnectionFactoryConfigurer.class)
    @ConditionalOnBean({ConnectionFactory.class, CachingConnectionFactoryConfigurer.class})
    @ConditionalOnMissingBean(RabbitMqSettings.class)
    static class Settings {

        /** Closed after the transport, which depends on it. */
        @Bean(destroyMethod = "close")
        RabbitMqConnections tallyRabbitMqConnections(
                ConnectionFactory factory,
                CachingConnectionFactoryConfigurer configurer,
                ConfigurableListableBeanFactory beans) {
            return RabbitMqConnections.like(factory, configurer, beans);
        }

        @Bean
        RabbitMqSettings tallyRabbitMqSettings(
                RabbitMqConnections connections, TallyRabbitMqProperties properties, Environment environment) {
            return RabbitMqSettings.builder(connections.factory())
                    .sendTimeout(properties.sendTimeout())
                    .closeTimeout(properties.closeTimeout())
                    .maxMessageBytes(Math.toIntExact(properties.maxMessageSize().toBytes()))
                    .window(properties.window())
                    .retryDelay(properties.retryDelay())
                    .createMissingTopics(properties.createMissingTopics())
                    .unroutable(properties.unroutable())
                    .foreignWithoutId(properties.foreignWithoutId())
                    .cloudEventSource(CloudEventSource.of(properties.cloudEventSource(), environment))
                    .redeliveryHorizon(properties.redeliveryHorizon())
                    .handlerThreads(HandlerThreads.of(environment))
                    .build();
        }
    }

    /** @throws TransportChoiceException if nothing says where RabbitMQ is */
    @Bean(destroyMethod = "close")
    RabbitMqTransport tallyRabbitMqTransport(ObjectProvider<RabbitMqSettings> settings) {
        RabbitMqSettings found = settings.getIfAvailable();
        if (found == null) {
            throw new TransportChoiceException(
                    "Cannot use transport 'rabbitmq': Spring Boot's own configuration of RabbitMQ is missing; add"
                            + " org.springframework.boot:spring-boot-starter-amqp, or a bean of type RabbitMqSettings");
        }
        return new RabbitMqTransport(found);
    }
}
