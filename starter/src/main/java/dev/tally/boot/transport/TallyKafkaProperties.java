package dev.tally.boot.transport;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Tally's use of Kafka. Addresses, security and the tuning of clients are those of spring.kafka.
 *
 * @param sendTimeout how long a send waits for the brokers' confirmation
 * @param closeTimeout how long a stop, and a partition that goes to another member, waits for running handlers
 * @param window messages of one partition that are here for handlers
 * @param retryDelay first pause before a message that failed is tried again, doubled with each attempt up to 30 s
 * @param createMissingTopics whether a subscription creates its topic, and a dead letter its own, with the brokers' default
 *     partitions and replicas
 * @param deadLetterSuffix the end of the name of dead letters' topics, "topic-group" before it
 * @param cloudEventSource the source of messages as CloudEvents; by default spring.application.name with "/" before it.
 *     Nothing, to write no attributes of CloudEvents
 * @param redeliveryHorizon how long after it was sent a message may be delivered once more: the brokers' retention, and the
 *     retention of dead letters. tally.jdbc.inbox-retention has to be longer
 * @param producer properties of Kafka's for Tally's producer alone; they go before those of spring.kafka
 * @param consumer properties of Kafka's for Tally's consumers alone; they go before those of spring.kafka
 */
@ConfigurationProperties("tally.kafka")
record TallyKafkaProperties(
        @DefaultValue("5s") Duration sendTimeout,
        @DefaultValue("10s") Duration closeTimeout,
        @DefaultValue("1000") int window,
        @DefaultValue("1s") Duration retryDelay,
        @DefaultValue("true") boolean createMissingTopics,
        @DefaultValue("-dlt") String deadLetterSuffix,
        @Nullable String cloudEventSource,
        @DefaultValue("14d") Duration redeliveryHorizon,
        @DefaultValue Map<String, String> producer,
        @DefaultValue Map<String, String> consumer) {}
