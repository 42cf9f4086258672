package dev.tally.boot.transport.choice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.mock.env.MockEnvironment;

class TransportChoiceTest {

    private static final String ROCKET = "dev.tally.transport.rocketmq.RocketMqTransport";
    private static final String KAFKA = "dev.tally.transport.kafka.KafkaTransport";
    private static final String RABBIT = "dev.tally.transport.rabbitmq.RabbitMqTransport";
    private static final String JMS = "dev.tally.transport.jms.JmsTransport";
    private static final String ARTEMIS = "org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory";
    private static final String BROKER = "dev.tally.broker.Broker";

    private final MockEnvironment environment = new MockEnvironment();

    private TransportChoice choice(String... classes) {
        return TransportChoice.of(environment, Set.of(classes)::contains);
    }

    @Test
    void isTheOneThatWasAdded() {
        assertThat(choice(ROCKET).defaultName()).isEqualTo("rocketmq");
        assertThat(choice(ROCKET, BROKER).defaultName()).isEqualTo("rocketmq");
        assertThat(choice(ROCKET, KAFKA).names()).containsExactly("kafka");
        assertThat(choice(ROCKET, JMS, ARTEMIS).names()).containsExactly("artemis");
    }

    @Test
    void hasToBeSaidWhereThereAreSeveral() {
        assertThatThrownBy(() -> choice(ROCKET, KAFKA, RABBIT))
                .isInstanceOf(TransportChoiceException.class)
                .hasMessageContaining("[kafka, rabbitmq]")
                .hasMessageContaining("tally.transport.default");
        assertThatThrownBy(() -> choice(ROCKET, KAFKA, BROKER)).hasMessageContaining("[rocketmq, kafka]");
        environment.setProperty("rocketmq.name-server", "localhost:9876");
        assertThatThrownBy(() -> choice(ROCKET, KAFKA)).isInstanceOf(TransportChoiceException.class);
        environment.setProperty("tally.transport.default", "kafka");
        assertThat(choice(ROCKET, KAFKA).names()).containsExactly("kafka");
    }

    @Test
    void givesTopicsToOthersAndTheRestToTheOneThatIsLeft() {
        environment.setProperty("rocketmq.name-server", "localhost:9876");
        environment.setProperty("tally.transport.topics.kafka", "events.*, clicks");

        TransportChoice choice = choice(ROCKET, KAFKA);

        assertThat(choice.defaultName()).isEqualTo("rocketmq");
        assertThat(choice.topics()).isEqualTo(Map.of("kafka", List.of("events.*", "clicks")));
        assertThat(choice.names()).containsExactly("rocketmq", "kafka");
    }

    @Test
    void namesWhatIsUnknownAndWhatIsNotThere() {
        environment.setProperty("tally.transport.default", "kafka");
        assertThatThrownBy(() -> choice(ROCKET))
                .hasMessageContaining("'kafka'")
                .hasMessageContaining("not on the class path");
        environment.setProperty("tally.transport.default", "kafak");
        assertThatThrownBy(() -> choice(ROCKET, KAFKA))
                .hasMessageContaining("none of")
                .hasMessageContaining("kafka");
        environment.setProperty("tally.transport.default", "rocketmq");
        environment.setProperty("tally.transport.topics.redis", "a");
        assertThatThrownBy(() -> choice(ROCKET)).hasMessageContaining("tally.transport.topics.redis");
    }
}
