package dev.tally.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.transport.TransportException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KafkaSettingsTest {

    private static final Map<String, Object> CLIENT = Map.of("bootstrap.servers", "127.0.0.1:1");

    @ParameterizedTest
    @CsvSource({
        "acks,1",
        "acks,0",
        "enable.idempotence,false",
        "partitioner.ignore.keys,true",
        "transactional.id,mine",
        "linger.ms,4000",
        "linger.ms,soon",
        "group.instance.id,one"
    })
    void refusesPropertiesWithWhichMessagesCouldBeLostOrLeaveTheirOrder(String name, String value) {
        Map<String, Object> properties = new HashMap<>(CLIENT);
        properties.put(name, value);

        assertThatThrownBy(() -> KafkaSettings.builder(properties).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name + "=" + value);
    }

    @Test
    void takesWhatSaysTheSameInOtherWords() {
        Map<String, Object> properties = new HashMap<>(CLIENT);
        properties.put("acks", "-1");
        properties.put("enable.idempotence", true);

        assertThat(KafkaSettings.builder(properties).build().producer()).containsEntry("acks", "-1");
    }

    @Test
    void refusesSettingsWithoutAnAddress() {
        assertThatThrownBy(() -> KafkaSettings.builder(Map.of()).build())
                .hasMessageContaining("bootstrap.servers missing");
        assertThatThrownBy(
                        () -> KafkaSettings.builder(CLIENT).consumer(Map.of()).build())
                .hasMessageContaining("consumer");
    }

    @Test
    void refusesNumbersWithoutSense() {
        assertThatThrownBy(() -> KafkaSettings.builder(CLIENT).window(0).build())
                .hasMessageContaining("window");
        assertThatThrownBy(() ->
                        KafkaSettings.builder(CLIENT).sendTimeout(Duration.ZERO).build())
                .hasMessageContaining("sendTimeout");
        assertThatThrownBy(() ->
                        KafkaSettings.builder(CLIENT).retryDelay(Duration.ZERO).build())
                .hasMessageContaining("retryDelay");
        assertThatThrownBy(() ->
                        KafkaSettings.builder(CLIENT).deadLetterSuffix("/x").build())
                .hasMessageContaining("deadLetterSuffix");
    }

    @Test
    void whatTheClientsRefuseEndsTheStart() {
        Map<String, Object> properties = new HashMap<>(CLIENT);
        properties.put("max.poll.records", "many");

        assertThatThrownBy(() ->
                        new KafkaTransport(KafkaSettings.builder(properties).build()))
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("max.poll.records");
    }

    @Test
    void tellsNoSecrets() {
        Map<String, Object> properties = new HashMap<>(CLIENT);
        properties.put("sasl.jaas.config", "password=secret");

        assertThat(KafkaSettings.builder(properties).build().toString())
                .contains("127.0.0.1:1")
                .doesNotContain("secret");
    }
}
