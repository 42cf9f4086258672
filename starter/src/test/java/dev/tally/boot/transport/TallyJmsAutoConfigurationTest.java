package dev.tally.boot.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.boot.TallyCoreAutoConfiguration;
import dev.tally.transport.RoutingTransport;
import dev.tally.transport.Transport;
import dev.tally.transport.TransportException;
import dev.tally.transport.jms.JmsProvider;
import dev.tally.transport.jms.JmsSettings;
import dev.tally.transport.jms.JmsTransport;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import java.time.Duration;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.apache.activemq.artemis.jms.client.ActiveMQJMSConnectionFactory;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** What the transport takes over of Boot's properties and of the application's factories. Nobody listens anywhere. */
class TallyJmsAutoConfigurationTest {

    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    DataSourceAutoConfiguration.class,
                    TallyCoreAutoConfiguration.class,
                    TallyArtemisAutoConfiguration.class,
                    TallyActiveMqAutoConfiguration.class,
                    TallyTransportsAutoConfiguration.class))
            .withPropertyValues("spring.datasource.generate-unique-name=true", "tally.jms.close-timeout=10ms");

    @Test
    void takesAddressAndCredentialsOfArtemis() {
        application
                .withPropertyValues(
                        "tally.transport.default=artemis",
                        "spring.artemis.mode=native",
                        "spring.artemis.broker-url=tcp://127.0.0.1:7?callTimeout=4321",
                        "spring.artemis.user=shop",
                        "spring.artemis.password=secret",
                        "spring.application.name=orders")
                .run(context -> {
                    assertThat(context).hasNotFailed().hasSingleBean(JmsTransport.class);
                    assertThat(context.getBean(Transport.class).name()).isEqualTo("artemis");
                    JmsSettings settings = context.getBean(JmsSettings.class);
                    assertThat(settings.provider()).isEqualTo(JmsProvider.ARTEMIS);
                    assertThat(settings.cloudEventSource()).isEqualTo("/orders");
                    var factory = (org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory)
                            settings.connectionFactory();
                    assertThat(factory.toURI().toString()).contains("127.0.0.1:7");
                    assertThat(factory.getCallTimeout()).isEqualTo(4321);
                    assertThat(factory.getUser()).isEqualTo("shop");
                });
    }

    @Test
    void takesAddressAndCredentialsOfClassic() {
        application
                .withPropertyValues(
                        "tally.transport.default=activemq",
                        "spring.activemq.broker-url=failover:(tcp://127.0.0.1:7)",
                        "spring.activemq.user=shop",
                        "spring.activemq.password=secret")
                .run(context -> {
                    assertThat(context).hasNotFailed().hasSingleBean(JmsTransport.class);
                    assertThat(context.getBean(Transport.class).name()).isEqualTo("activemq");
                    JmsSettings settings = context.getBean(JmsSettings.class);
                    assertThat(settings.cloudEventSource()).isNull();
                    ActiveMQConnectionFactory factory = (ActiveMQConnectionFactory) settings.connectionFactory();
                    assertThat(factory.getBrokerURL()).isEqualTo("failover:(tcp://127.0.0.1:7)");
                    assertThat(factory.getUserName()).isEqualTo("shop");
                    assertThat(factory.getPassword()).isEqualTo("secret");
                });
    }

    @Test
    void takesItsOwnProperties() {
        application
                .withPropertyValues(
                        "tally.transport.default=artemis",
                        "tally.jms.send-timeout=2s",
                        "tally.jms.max-message-size=2MB",
                        "tally.jms.window=50",
                        "tally.jms.retry-delay=3s",
                        "tally.jms.max-delay=1h",
                        "tally.jms.redelivery-horizon=20d",
                        "tally.jms.cloud-event-source=https://shop.example/orders")
                .run(context -> {
                    JmsSettings settings = context.getBean(JmsSettings.class);
                    assertThat(settings.sendTimeout()).isEqualTo(Duration.ofSeconds(2));
                    assertThat(settings.closeTimeout()).isEqualTo(Duration.ofMillis(10));
                    assertThat(settings.maxMessageBytes()).isEqualTo(2 * 1024 * 1024);
                    assertThat(settings.window()).isEqualTo(50);
                    assertThat(settings.retryDelay()).isEqualTo(Duration.ofSeconds(3));
                    assertThat(settings.cloudEventSource()).isEqualTo("https://shop.example/orders");
                    assertThat(settings.handlerThreads()).isNull();
                    Transport transport = context.getBean(Transport.class);
                    assertThat(transport.maxDelay()).isEqualTo(Duration.ofHours(1));
                    assertThat(transport.redeliveryHorizon()).isEqualTo(Duration.ofDays(20));
                });
    }

    @Test
    void takesTheApplicationsFactoryWithoutThePoolAroundIt() {
        ActiveMQConnectionFactory inner = new ActiveMQConnectionFactory("tcp://127.0.0.1:8");
        application
                .withPropertyValues("tally.transport.default=activemq", "spring.activemq.broker-url=tcp://127.0.0.1:9")
                .withBean(ConnectionFactory.class, () -> new Pool(new Pool(inner)))
                .run(context -> assertThat(context.getBean(JmsSettings.class).connectionFactory())
                        .isSameAs(inner));
    }

    @Test
    void takesToEachBrokerItsOwnFactoryWhereBothAreUsed() {
        ActiveMQConnectionFactory classic = new ActiveMQConnectionFactory("tcp://127.0.0.1:8");
        ActiveMQJMSConnectionFactory artemis = new ActiveMQJMSConnectionFactory("tcp://127.0.0.1:9");
        application
                .withPropertyValues("tally.transport.default=artemis", "tally.transport.topics.activemq=old.*")
                .withBean("classicFactory", ConnectionFactory.class, () -> classic)
                .withBean("artemisFactory", ConnectionFactory.class, () -> artemis)
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(context.getBean(Transport.class)).isInstanceOf(RoutingTransport.class);
                    assertThat(context.getBean("tallyArtemisSettings", JmsSettings.class)
                                    .connectionFactory())
                            .isSameAs(artemis);
                    assertThat(context.getBean("tallyActiveMqSettings", JmsSettings.class)
                                    .connectionFactory())
                            .isSameAs(classic);
                });
    }

    @Test
    void endsTheStartWhereItCannotKnowTheBroker() {
        application
                .withPropertyValues("tally.transport.default=artemis", "spring.artemis.mode=embedded")
                .run(context -> assertThat(context)
                        .getFailure()
                        .hasRootCauseInstanceOf(TransportException.class)
                        .rootCause()
                        .hasMessageContaining("spring.artemis.mode"));
        application
                .withPropertyValues("tally.transport.default=artemis")
                .withBean(ConnectionFactory.class, () -> new Pool(null))
                .run(context -> assertThat(context)
                        .getFailure()
                        .hasRootCauseInstanceOf(TransportException.class)
                        .rootCause()
                        .hasMessageContaining("spring.artemis.broker-url"));
        application
                .withPropertyValues("tally.transport.default=activemq")
                .withBean("one", ConnectionFactory.class, () -> new ActiveMQConnectionFactory("tcp://127.0.0.1:8"))
                .withBean("two", ConnectionFactory.class, () -> new ActiveMQConnectionFactory("tcp://127.0.0.1:9"))
                .run(context -> assertThat(context)
                        .getFailure()
                        .hasRootCauseInstanceOf(TransportException.class)
                        .rootCause()
                        .hasMessageContaining("none of them is primary"));
    }

    @Test
    void staysAwayWhereAnotherTransportIsChosen() {
        application
                .withPropertyValues("tally.transport.default=rocketmq")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(JmsTransport.class));
    }

    /** As Pooled JMS has it. */
    public static final class Pool implements ConnectionFactory {

        private final Object inner;

        Pool(Object inner) {
            this.inner = inner;
        }

        /** What it is around. */
        public Object getConnectionFactory() {
            return inner;
        }

        @Override
        public Connection createConnection() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Connection createConnection(String user, String password) {
            throw new UnsupportedOperationException();
        }

        @Override
        public JMSContext createContext() {
            throw new UnsupportedOperationException();
        }

        @Override
        public JMSContext createContext(String user, String password) {
            throw new UnsupportedOperationException();
        }

        @Override
        public JMSContext createContext(String user, String password, int mode) {
            throw new UnsupportedOperationException();
        }

        @Override
        public JMSContext createContext(int mode) {
            throw new UnsupportedOperationException();
        }
    }
}
