package dev.tally.boot.transport;

import dev.tally.boot.HandlerThreads;
import dev.tally.boot.ProcessEdges;
import dev.tally.boot.TallyCoreAutoConfiguration;
import dev.tally.boot.transport.choice.ConditionalOnTransport;
import dev.tally.transport.pulsar.PulsarAdminSettings;
import dev.tally.transport.pulsar.PulsarSettings;
import dev.tally.transport.pulsar.PulsarTransport;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.pulsar.client.api.AuthenticationFactory;
import org.apache.pulsar.client.api.ClientBuilder;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.PulsarClientException;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;
import tools.jackson.databind.json.JsonMapper;

/** The Pulsar transport, by the application's own client, or by one of {@code spring.pulsar.client.*}. */
@AutoConfiguration(
        after = TallyCoreAutoConfiguration.class,
        before = TallyTransportsAutoConfiguration.class,
        afterName = "org.springframework.boot.pulsar.autoconfigure.PulsarAutoConfiguration")
@ConditionalOnClass(PulsarTransport.class)
@ConditionalOnBean(ProcessEdges.class)
@ConditionalOnTransport("pulsar")
@EnableConfigurationProperties(TallyPulsarProperties.class)
public final class TallyPulsarAutoConfiguration {

    /** Where neither the application nor Spring Boot has one. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnMissingBean(PulsarClient.class)
    @EnableConfigurationProperties(PulsarClientProperties.class)
    static class Client {

        /** The brokers are tried again at least so often: relays and subscriptions wait for them. */
        private static final int LONGEST_PAUSE_SECONDS = 10;

        @Bean(destroyMethod = "close")
        PulsarClient tallyPulsarClient(PulsarClientProperties properties) throws PulsarClientException {
            ClientBuilder builder = PulsarClient.builder()
                    .serviceUrl(properties.serviceUrl())
                    .operationTimeout(
                            Math.toIntExact(properties.operationTimeout().toMillis()), TimeUnit.MILLISECONDS)
                    .connectionTimeout(
                            Math.toIntExact(properties.connectionTimeout().toMillis()), TimeUnit.MILLISECONDS)
                    .maxBackoffInterval(LONGEST_PAUSE_SECONDS, TimeUnit.SECONDS);
            String plugin = text(properties.authentication().pluginClassName());
            if (plugin != null) {
                builder.authentication(plugin, parameters(properties.authentication()));
            }
            Integer io = properties.threads().io();
            if (io != null) {
                builder.ioThreads(io);
            }
            Integer listener = properties.threads().listener();
            if (listener != null) {
                builder.listenerThreads(listener);
            }
            return builder.build();
        }
    }

    /** Where the application says where it is, and has no such bean: Spring Boot's default address is a guess. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnMissingBean(PulsarAdminSettings.class)
    @Conditional(Administration.Addressed.class)
    @EnableConfigurationProperties(PulsarAdminProperties.class)
    static class Administration {

        static final class Addressed implements Condition {

            @Override
            public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
                return text(context.getEnvironment().getProperty("spring.pulsar.admin.service-url")) != null;
            }
        }

        @Bean
        PulsarAdminSettings tallyPulsarAdminSettings(PulsarAdminProperties properties) throws PulsarClientException {
            String plugin = text(properties.authentication().pluginClassName());
            return new PulsarAdminSettings(
                    Objects.requireNonNull(properties.serviceUrl()),
                    properties.connectionTimeout(),
                    properties.requestTimeout(),
                    properties.readTimeout(),
                    plugin == null
                            ? null
                            : AuthenticationFactory.create(plugin, parameters(properties.authentication())),
                    null);
        }
    }

    /** As Spring Boot does it: some plugins read no other form. */
    private static String parameters(PulsarClientProperties.Authentication authentication) {
        return new JsonMapper().writeValueAsString(authentication.param());
    }

    @Bean
    @ConditionalOnMissingBean
    PulsarSettings tallyPulsarSettings(TallyPulsarProperties properties, Environment environment) {
        return PulsarSettings.builder()
                .tenant(first(
                        properties.tenant(), environment.getProperty("spring.pulsar.defaults.topic.tenant"), "public"))
                .namespace(first(
                        properties.namespace(),
                        environment.getProperty("spring.pulsar.defaults.topic.namespace"),
                        "default"))
                .sendTimeout(properties.sendTimeout())
                .closeTimeout(properties.closeTimeout())
                .maxMessageBytes(Math.toIntExact(properties.maxMessageSize().toBytes()))
                .window(properties.window())
                .retryDelay(properties.retryDelay())
                .maxDelay(properties.maxDelay())
                .deadLetterSubscription(text(properties.deadLetterSubscription()))
                .redeliveryHorizon(properties.redeliveryHorizon())
                .handlerThreads(HandlerThreads.of(environment))
                .build();
    }

    @Bean(destroyMethod = "close")
    PulsarTransport tallyPulsarTransport(
            PulsarClient client, PulsarSettings settings, ObjectProvider<PulsarAdminSettings> administration) {
        return new PulsarTransport(client, settings, administration.getIfAvailable());
    }

    /** A property that is set to nothing, for instance by an empty environment variable, is not set. */
    private static @Nullable String text(@Nullable String value) {
        return value == null || value.isBlank() ? null : value;
    }

    private static String first(@Nullable String own, @Nullable String ofBoot, String otherwise) {
        String ofOwn = text(own);
        if (ofOwn != null) {
            return ofOwn;
        }
        String known = text(ofBoot);
        return known == null ? otherwise : known;
    }
}
