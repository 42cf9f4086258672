package dev.tally.boot;

import dev.tally.transport.Subscription;
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
 * @param groups what is different from the annotations, by consumer group
 */
@ConfigurationProperties("tally.consumer")
record TallyConsumerProperties(
        @DefaultValue("false") boolean operations,
        @DefaultValue("database") DeadLetterPlace deadLetters,
        @DefaultValue Map<String, Group> groups) {

    /**
     * What is different for the consumers of a group.
     *
     * @param concurrency handler threads at most
     * @param minConcurrency handler threads when there is little to do; as many as {@code concurrency} where that alone is
     *     given
     * @param maxRate messages that begin to be handled in a second at most, by each member of the group; 0 for no limit
     * @param batch messages handled in one transaction at most
     * @param maxAttempts deliveries before a message is dead-lettered
     */
    record Group(
            @Nullable Integer concurrency,
            @Nullable Integer minConcurrency,
            @Nullable Double maxRate,
            @Nullable Integer batch,
            @Nullable Integer maxAttempts) {

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

    Subscription applyTo(Subscription annotated) {
        Group group = groups.get(annotated.group());
        return group == null ? annotated : group.applyTo(annotated);
    }
}
