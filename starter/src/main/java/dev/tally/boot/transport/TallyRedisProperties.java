package dev.tally.boot.transport;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Tally's use of Redis. Addresses, credentials, TLS and time-outs of connections are those of spring.data.redis.
 *
 * @param prefix what all keys begin with; without braces
 * @param partitions how many partitions a topic gets that nobody has used yet; the number that Redis has for it counts
 * @param sendTimeout how long a send waits for the confirmation
 * @param closeTimeout how long a stop, or a partition that goes to another member, waits for running handlers
 * @param window messages of one partition that are fetched and not yet handled, at most
 * @param retryDelay first pause before a message is tried again, doubled with each attempt up to 30 s
 * @param leaseTime how long a partition stays with a member that is not heard of any more
 * @param retention how long messages are kept that all groups of their stream have acknowledged
 * @param redeliveryHorizon how long after it was sent a message may be delivered once more, by default the retention.
 *     tally.jdbc.inbox-retention has to be longer
 * @param maxMessageSize the largest message, payload and headers together
 * @param minReplicas how many replicas have to have a message before it counts as sent; not in Redis Cluster
 */
@ConfigurationProperties("tally.redis")
record TallyRedisProperties(
        @DefaultValue("tally:") String prefix,
        @DefaultValue("4") int partitions,
        @DefaultValue("5s") Duration sendTimeout,
        @DefaultValue("10s") Duration closeTimeout,
        @DefaultValue("500") int window,
        @DefaultValue("1s") Duration retryDelay,
        @DefaultValue("10s") Duration leaseTime,
        @DefaultValue("7d") Duration retention,
        @Nullable Duration redeliveryHorizon,
        @DefaultValue("1MB") DataSize maxMessageSize,
        @DefaultValue("0") int minReplicas) {}
