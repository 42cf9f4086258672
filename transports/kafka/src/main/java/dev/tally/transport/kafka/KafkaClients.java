package dev.tally.transport.kafka;

import dev.tally.transport.TransportException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** Creates Kafka's clients with the user's properties and those that the transport needs. Thread-safe. */
final class KafkaClients {

    private static final long REQUEST_MILLIS = 30_000;
    private static final long POLL_INTERVAL_MILLIS = 300_000;
    private static final long COMMIT_MILLIS = 1_000;

    private final KafkaSettings settings;
    private final AtomicInteger numbers = new AtomicInteger();

    KafkaClients(KafkaSettings settings) {
        this.settings = settings;
    }

    /**
     * The producer. It never blocks: what it cannot take at once, it refuses.
     *
     * @throws TransportException if the user's properties are wrong
     */
    Producer<byte[], byte[]> producer() {
        Map<String, Object> properties = new HashMap<>(settings.producer());
        long timeout = settings.sendTimeout().toMillis();
        long linger = UserProperties.number(properties, ProducerConfig.LINGER_MS_CONFIG, 0);
        long request = UserProperties.number(properties, ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_MILLIS);
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        properties.put(ProducerConfig.LINGER_MS_CONFIG, linger);
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 0L);
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) timeout);
        // A broker that went away without a word must leave time to ask another one.
        properties.put(
                ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) Math.max(1, Math.min(request, (timeout - linger) / 2)));
        name(properties, "producer");
        return created(
                "a producer",
                () -> new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer()));
    }

    /**
     * A consumer.
     *
     * @param group its group, {@code null} for none
     */
    Consumer<byte[], byte[]> consumer(@Nullable String group) {
        return consumer(group, Map.of());
    }

    /** The same with properties that go before the user's. */
    Consumer<byte[], byte[]> consumer(@Nullable String group, Map<String, Object> special) {
        Map<String, Object> properties = new HashMap<>(settings.consumer());
        properties.remove(ConsumerConfig.GROUP_ID_CONFIG);
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        properties.putIfAbsent(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        if (group == null) {
            properties.remove(ConsumerConfig.GROUP_PROTOCOL_CONFIG);
        } else {
            properties.put(ConsumerConfig.GROUP_ID_CONFIG, group);
            if (!hasAssignmentByBrokers(properties)) {
                properties.putIfAbsent(
                        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, CooperativeStickyAssignor.class.getName());
            }
        }
        name(properties, group == null ? "consumer" : group);
        properties.putAll(special);
        return created(
                group == null ? "a consumer" : "a consumer of group '" + group + "'",
                () -> new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer()));
    }

    /**
     * Creates a consumer, and closes it again: what is wrong with the properties shows now, and not when somebody
     * subscribes.
     */
    void checkConsumers() {
        consumer("tally").close(CloseOptions.timeout(Duration.ZERO));
    }

    Admin admin() {
        Map<String, Object> properties = new HashMap<>(settings.admin());
        name(properties, "admin");
        return created("an admin client", () -> Admin.create(properties));
    }

    /** How often a consumer acknowledges. */
    Duration commitInterval() {
        return Duration.ofMillis(UserProperties.number(
                settings.consumer(), ConsumerConfig.AUTO_COMMIT_INTERVAL_MS_CONFIG, COMMIT_MILLIS));
    }

    /** How long a member may keep its group waiting while its running handlers end; it must not be taken for dead. */
    Duration handOverLimit() {
        Duration most = Duration.ofMillis(UserProperties.number(
                        settings.consumer(), ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, POLL_INTERVAL_MILLIS)
                / 2);
        return settings.closeTimeout().compareTo(most) < 0 ? settings.closeTimeout() : most;
    }

    private static boolean hasAssignmentByBrokers(Map<String, Object> properties) {
        return GroupProtocol.CONSUMER
                .name()
                .equalsIgnoreCase(UserProperties.text(properties, ConsumerConfig.GROUP_PROTOCOL_CONFIG));
    }

    /** A name that the user gave to all clients is made different for each, as their meters need it. */
    private void name(Map<String, Object> properties, String part) {
        String given = UserProperties.text(properties, CommonClientConfigs.CLIENT_ID_CONFIG);
        if (given != null) {
            properties.put(
                    CommonClientConfigs.CLIENT_ID_CONFIG, given + "-tally-" + part + "-" + numbers.incrementAndGet());
        }
    }

    private <T> T created(String what, Supplier<T> creation) {
        try {
            return creation.get();
        } catch (KafkaException e) {
            Throwable cause = e.getCause();
            throw new TransportException(
                    "Cannot create " + what + " for Kafka at " + settings.bootstrapServers() + ": " + e.getMessage()
                            + (cause == null ? "" : ": " + cause.getMessage()),
                    e);
        }
    }
}
