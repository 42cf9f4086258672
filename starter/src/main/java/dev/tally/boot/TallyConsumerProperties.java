package dev.tally.boot;

import dev.tally.consume.SubscriptionCustomizer;
import dev.tally.transport.Subscription;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Consumers.
 *
 * @param operations whether the endpoint tallyconsumers lets people pause and change consumers; without it, it shows them
 * @param deadLetters where what cannot be handled is kept: in the database, with the reason, or at the broker
 * @param lagInterval how often the brokers are asked what waits there, for gauges and health, while somebody wants to know
 * @param groups what is different from the annotations, by consumer group
 */
@ConfigurationProperties("tally.consumer")
record TallyConsumerProperties(
        @DefaultValue("false") boolean operations,
        @DefaultValue("database") DeadLetterPlace deadLetters,
        @DefaultValue("15s") Duration lagInterval,
        @DefaultValue Map<String, Group> groups)
        implements SubscriptionCustomizer {

    /**
     * What is different for the consumers of a group.
     *
     * @param concurrency handler threads at most
     * @param minConcurrency handler threads when there is little to do; as many as {@code concurrency} where that alone is
     *     given
     * @param maxRate messages that begin to be handled in a second at most, by each member of the group; 0 for no limit
     * @param batch messages handled in one transaction at most
     * @param maxAttempts deliveries before a message is dead-lettered
     * @param forwardTo a wider topic to which the group's messages are sent on in order, and from which its handler gets
     *     them; none by default
     * @param maxLag messages of a topic that may wait for the group before health is DOWN; no limit by default
     */
    record Group(
            @Nullable Integer concurrency,
            @Nullable Integer minConcurrency,
            @Nullable Double maxRate,
            @Nullable Integer batch,
            @Nullable Integer maxAttempts,
            @Nullable String forwardTo,
            @Nullable Long maxLag) {

        Subscription applyTo(Subscription annotated) {
            int most = Optional.ofNullable(concurrency).orElse(annotated.concurrency());
            int least =
                    Optional.ofNullable(minConcurrency).orElse(concurrency != null ? most : annotated.minConcurrency());
            double rate = Optional.ofNullable(maxRate)
                    .map(perSecond -> perSecond == 0 ? Double.POSITIVE_INFINITY : perSecond)
                    .orElse(annotated.messagesPerSecond());
            return new Subscription(
                    annotated.topic(),
                    annotated.group(),
                    annotated.tags(),
                    most,
                    annotated.ordered(),
                    Optional.ofNullable(maxAttempts).orElse(annotated.maxAttempts()),
                    Optional.ofNullable(batch).orElse(annotated.batch()),
                    least,
                    rate,
                    annotated.broadcast());
        }
    }

    @Override
    public Subscription customize(Subscription annotated) {
        Group group = groups.get(annotated.group());
        return group == null ? annotated : group.applyTo(annotated);
    }

    @Override
    public @Nullable String forwardTo(Subscription annotated) {
        Group group = groups.get(annotated.group());
        return group == null ? null : group.forwardTo();
    }

    /** By group, where there is one. */
    Map<String, Long> lagLimits() {
        Map<String, Long> limits = new HashMap<>();
        groups.forEach((name, group) -> {
            if (group.maxLag() != null) {
                limits.put(name, group.maxLag());
            }
        });
        return limits;
    }
}
