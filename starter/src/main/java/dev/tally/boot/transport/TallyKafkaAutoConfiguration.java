package dev.tally.boot.transport;

import dev.tally.boot.HandlerThreads;
import dev.tally.boot.ProcessEdges;
import dev.tally.boot.TallyCoreAutoConfiguration;
import dev.tally.boot.transport.choice.ConditionalOnTransport;
import dev.tally.boot.transport.choice.TransportChoiceException;
import dev.tally.transport.kafka.KafkaSettings;
import dev.tally.transport.kafka.KafkaTransport;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.kafka.core.ConsumerFactory;
import org.springframework.kafka.core.KafkaAdmin;
import org.springframework.kafka.core.ProducerFactory;

/** The Kafka transport, by the application's own {@code spring.kafka.*} properties. */
@AutoConfiguration(
        after = TallyCoreAutoConfiguration.class,
        before = TallyTransportsAutoConfiguration.class,
        afterName = "org.springframework.boot.kafka.autoconfigure.KafkaAutoConfiguration")
@ConditionalOnClass(KafkaTransport.class)
@ConditionalOnBean(ProcessEdges.class)
@ConditionalOnTransport("kafka")
@EnableConfigurationProperties(TallyKafkaProperties.class)
public final class TallyKafkaAutoConfiguration {

    /** What Spring Boot has made of {@code spring.kafka.*}, and customizers and connection details of it. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(ProducerFactory.class)
    static class Settings {

        @Bean
        @ConditionalOnMissingBean
        @ConditionalOnBean({ProducerFactory.class, ConsumerFactory.class})
        KafkaSettings tallyKafkaSettings(
                ProducerFactory<?, ?> producers,
                ConsumerFactory<?, ?> consumers,
                ObjectProvider<KafkaAdmin> admin,
                TallyKafkaProperties properties,
                Environment environment) {
            Map<String, Object> consumer = consumers.getConfigurationProperties();
            return KafkaSettings.builder(consumer)
                    .producer(with(producers.getConfigurationProperties(), properties.producer()))
                    .consumer(with(consumer, properties.consumer()))
                    .admin(Optional.ofNullable(admin.getIfAvailable())
                            .map(KafkaAdmin::getConfigurationProperties)
                            .orElse(consumer))
                    .sendTimeout(properties.sendTimeout())
                    .closeTimeout(properties.closeTimeout())
                    .window(properties.window())
                    .retryDelay(properties.retryDelay())
                    .createMissingTopics(properties.createMissingTopics())
                    .deadLetterSuffix(properties.deadLetterSuffix())
                    .cloudEventSource(CloudEventSource.of(properties.cloudEventSource(), environment))
                    .redeliveryHorizon(properties.redeliveryHorizon())
                    .handlerThreads(HandlerThreads.of(environment))
                    .build();
        }

        private static Map<String, Object> with(Map<String, Object> properties, Map<String, String> own) {
            Map<String, Object> all = new HashMap<>(properties);
            all.putAll(own);
            return all;
        }
    }

    /** @throws TransportChoiceException if nothing says where Kafka is */
    @Bean(destroyMethod = "close")
    KafkaTransport tallyKafkaTransport(ObjectProvider<KafkaSettings> settings) {
        KafkaSettings found = settings.getIfAvailable();
        if (found == null) {
            throw new TransportChoiceException(
                    "Cannot use transport 'kafka': Spring Boot's own configuration of Kafka is"
                            + " missing; add org.springframework.boot:spring-boot-starter-kafka, or a bean of type KafkaSettings");
        }
        return new KafkaTransport(found);
    }
}
