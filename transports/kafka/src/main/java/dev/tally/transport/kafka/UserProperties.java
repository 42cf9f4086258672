package dev.tally.transport.kafka;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.jspecify.annotations.Nullable;

/** Refuses properties of clients with which messages could be lost or leave their order, and reads the others. */
final class UserProperties {

    private static final List<String> ALL = List.of("all", "-1");

    private UserProperties() {}

    static void check(String client, Map<String, Object> properties) {
        Object servers = properties.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG);
        if (servers == null || servers.toString().isBlank() || (servers instanceof List<?> list && list.isEmpty())) {
            throw refused(client, CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, null, "it has to name the brokers");
        }
    }

    static void checkProducer(Map<String, Object> properties, Duration sendTimeout) {
        String acks = text(properties, ProducerConfig.ACKS_CONFIG);
        if (acks != null && !ALL.contains(acks)) {
            throw refused(
                    "producer",
                    ProducerConfig.ACKS_CONFIG,
                    acks,
                    "messages that a broker has confirmed could be lost with it; only all is possible");
        }
        String idempotence = text(properties, ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG);
        if (idempotence != null && !Boolean.parseBoolean(idempotence)) {
            throw refused(
                    "producer",
                    ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                    idempotence,
                    "messages of one key could leave their order with it; only true is possible");
        }
        if (Boolean.parseBoolean(text(properties, ProducerConfig.PARTITIONER_IGNORE_KEYS_CONFIG))) {
            throw refused(
                    "producer",
                    ProducerConfig.PARTITIONER_IGNORE_KEYS_CONFIG,
                    "true",
                    "messages of one key would be spread over partitions, and leave their order");
        }
        String transactional = text(properties, ProducerConfig.TRANSACTIONAL_ID_CONFIG);
        if (transactional != null) {
            throw refused(
                    "producer",
                    ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                    transactional,
                    "the transport sends after the database's commit, and has no Kafka transactions");
        }
        long linger = number(properties, ProducerConfig.LINGER_MS_CONFIG, 0);
        if (linger * 2 > sendTimeout.toMillis()) {
            throw refused(
                    "producer",
                    ProducerConfig.LINGER_MS_CONFIG,
                    Long.toString(linger),
                    "it is more than half of sendTimeout, " + sendTimeout);
        }
    }

    static void checkConsumer(Map<String, Object> properties) {
        String instance = text(properties, ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
        if (instance != null) {
            throw refused(
                    "consumer",
                    ConsumerConfig.GROUP_INSTANCE_ID_CONFIG,
                    instance,
                    "each subscription has a consumer of its own, and with one id they would shut each other out");
        }
    }

    static @Nullable String text(Map<String, Object> properties, String name) {
        Object value = properties.get(name);
        return value == null || value.toString().isBlank()
                ? null
                : value.toString().strip();
    }

    static long number(Map<String, Object> properties, String name, long otherwise) {
        String text = text(properties, name);
        if (text == null) {
            return otherwise;
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "Cannot use Kafka with " + name + "=" + text + ": it is no whole number", e);
        }
    }

    private static IllegalArgumentException refused(String client, String name, @Nullable String value, String reason) {
        return new IllegalArgumentException("Cannot use Kafka with the " + client + "'s property " + name
                + (value == null ? " missing" : "=" + value) + ": " + reason);
    }
}
