package dev.tally.boot;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Tally's use of RocketMQ. Address, keys, namespace and TLS are those of rocketmq.name-server and rocketmq.producer.
 *
 * @param producerGroup the group under which check-backs arrive; by default rocketmq.producer.group, else
 *     spring.application.name, with "-tally" at its end, because other producers in one group would be asked about
 *     Tally's half messages
 * @param sendTimeout how long a send or a half message waits for the broker's confirmation
 * @param closeTimeout how long a stop waits for running handlers
 * @param consumeBatchSize messages handed to a handler at once
 * @param cachedMessagesPerQueue messages fetched ahead for each queue
 * @param orderedRetryDelay first pause before an ordered message is retried, doubled with each attempt up to 30 s
 * @param maxDelay how far ahead the brokers keep delayed messages back; longer ones wait in the outbox until they are due.
 *     Below timerMaxDelaySec of RocketMQ brokers, 3 days by default there
 * @param redeliveryHorizon how long after it was sent a message may be delivered once more: the brokers' retention, the time
 *     that retries take, and the retention of dead letters. tally.jdbc.inbox-retention has to be longer
 * @param createMissingTopics whether subscribing to a missing topic creates it, where brokers create topics on demand
 */
@ConfigurationProperties("tally.rocketmq")
record TallyRocketMqProperties(
        @Nullable String producerGroup,
        @DefaultValue("5s") Duration sendTimeout,
        @DefaultValue("10s") Duration closeTimeout,
        @DefaultValue("32") int consumeBatchSize,
        @DefaultValue("1000") int cachedMessagesPerQueue,
        @DefaultValue("1s") Duration orderedRetryDelay,
        @DefaultValue("71h") Duration maxDelay,
        @DefaultValue("7d") Duration redeliveryHorizon,
        @DefaultValue("true") boolean createMissingTopics) {}
