package dev.tally.boot.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.boot.TallyCoreAutoConfiguration;
import dev.tally.boot.transport.choice.TransportChoiceException;
import dev.tally.transport.Transport;
import dev.tally.transport.rabbitmq.ForeignWithoutId;
import dev.tally.transport.rabbitmq.RabbitMqSettings;
import dev.tally.transport.rabbitmq.RabbitMqTransport;
import dev.tally.transport.rabbitmq.Unroutable;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.boot.amqp.autoconfigure.RabbitAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.util.ReflectionTestUtils;

/** What the transport takes over of {@code spring.rabbitmq.*}. Nobody listens at the addresses. */
class TallyRabbitMqAutoConfigurationTest {

    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    DataSourceAutoConfiguration.class,
                    RabbitAutoConfiguration.class,
                    TallyCoreAutoConfiguration.class,
                    TallyRabbitMqAutoConfiguration.class,
                    TallyTransportsAutoConfiguration.class))
            .withPropertyValues(
                    "spring.datasource.generate-unique-name=true",
                    "tally.transport.default=rabbitmq",
                    "spring.rabbitmq.host=127.0.0.1",
                    "spring.rabbitmq.port=1");

    @Test
    void takesAddressesUserTlsAndTuningIntoAConnectionOfItsOwn() {
        application
                .withPropertyValues(
                        "spring.rabbitmq.addresses=127.0.0.1:2,127.0.0.1:3",
                        "spring.rabbitmq.username=shop",
                        "spring.rabbitmq.password=secret",
                        "spring.rabbitmq.virtual-host=orders",
                        "spring.rabbitmq.ssl.enabled=true",
                        "spring.rabbitmq.connection-timeout=7s",
                        "spring.rabbitmq.requested-heartbeat=11s",
                        "spring.rabbitmq.cache.connection.mode=connection",
                        "spring.rabbitmq.cache.connection.size=4")
                .run(context -> {
                    assertThat(context).hasNotFailed().hasSingleBean(RabbitMqTransport.class);
                    assertThat(context.getBean(Transport.class).name()).isEqualTo("rabbitmq");
                    CachingConnectionFactory own = (CachingConnectionFactory)
                            context.getBean(RabbitMqSettings.class).connections();
                    assertThat(own).isNotSameAs(context.getBean(ConnectionFactory.class));
                    assertThat(ReflectionTestUtils.getField(own, "addresses"))
                            .hasToString("[127.0.0.1:2, 127.0.0.1:3]");
                    assertThat(own.getCacheMode()).isEqualTo(CachingConnectionFactory.CacheMode.CHANNEL);
                    com.rabbitmq.client.ConnectionFactory client = own.getRabbitConnectionFactory();
                    assertThat(client.getUsername()).isEqualTo("shop");
                    assertThat(client.getPassword()).isEqualTo("secret");
                    assertThat(client.getVirtualHost()).isEqualTo("orders");
                    assertThat(client.isSSL()).isTrue();
                    assertThat(client.getConnectionTimeout()).isEqualTo(7_000);
                    assertThat(client.getRequestedHeartbeat()).isEqualTo(11);
                    // The application's own are undisturbed: still the only factory of its kind.
                    assertThat(context).hasSingleBean(ConnectionFactory.class).hasSingleBean(RabbitTemplate.class);
                });
    }

    @Test
    void hasItsOwnPropertiesForTheRest() {
        application
                .withPropertyValues(
                        "spring.application.name=shop",
                        "tally.rabbitmq.send-timeout=3s",
                        "tally.rabbitmq.max-message-size=1KB",
                        "tally.rabbitmq.window=7",
                        "tally.rabbitmq.unroutable=drop",
                        "tally.rabbitmq.foreign-without-id=content",
                        "tally.rabbitmq.create-missing-topics=false")
                .run(context -> {
                    RabbitMqSettings settings = context.getBean(RabbitMqSettings.class);
                    assertThat(settings.sendTimeout()).isEqualTo(Duration.ofSeconds(3));
                    assertThat(settings.maxMessageBytes()).isEqualTo(1024);
                    assertThat(settings.window()).isEqualTo(7);
                    assertThat(settings.unroutable()).isEqualTo(Unroutable.DROP);
                    assertThat(settings.foreignWithoutId()).isEqualTo(ForeignWithoutId.CONTENT);
                    assertThat(settings.createMissingTopics()).isFalse();
                    assertThat(settings.cloudEventSource()).isEqualTo("/shop");
                    assertThat(settings.closeTimeout()).isEqualTo(Duration.ofSeconds(10));
                    assertThat(settings.redeliveryHorizon()).isEqualTo(Duration.ofDays(7));
                });
        application
                .withPropertyValues("spring.application.name=shop", "tally.rabbitmq.cloud-event-source=")
                .run(context -> assertThat(
                                context.getBean(RabbitMqSettings.class).cloudEventSource())
                        .isNull());
    }

    @Test
    void usesAFactoryThatTheApplicationHasMadeItselfAsItIs() {
        application.withUserConfiguration(FactoryOfItsOwn.class).run(context -> assertThat(
                        context.getBean(RabbitMqSettings.class).connections())
                .isSameAs(context.getBean(ConnectionFactory.class)));
    }

    @Test
    void saysWhatIsMissingWithoutBootsConfigurationOfRabbitMq() {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        DataSourceAutoConfiguration.class,
                        TallyCoreAutoConfiguration.class,
                        TallyRabbitMqAutoConfiguration.class))
                .withPropertyValues("spring.datasource.generate-unique-name=true", "tally.transport.default=rabbitmq")
                .withClassLoader(new FilteredClassLoader("org.springframework.boot.amqp"))
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(TransportChoiceException.class)
                        .hasMessageContaining("spring-boot-starter-amqp"));
    }

    @Test
    void staysAwayWhereAnotherTransportIsChosen() {
        application.withPropertyValues("tally.transport.default=rocketmq").run(context -> assertThat(context)
                .doesNotHaveBean(RabbitMqTransport.class));
    }

    @Configuration(proxyBeanMethods = false)
    static class FactoryOfItsOwn {

        @Bean
        CachingConnectionFactory connections() {
            return new CachingConnectionFactory("127.0.0.1", 4);
        }
    }
}
