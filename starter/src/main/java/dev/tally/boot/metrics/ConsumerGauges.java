package dev.tally.boot.metrics;

import dev.tally.boot.RecentConsumerLags;
import dev.tally.boot.RecentDeadLetters;
import dev.tally.consume.IdempotentConsumerRegistry;
import dev.tally.consume.RunningConsumer;
import dev.tally.transport.Subscription;
import dev.tally.transport.SubscriptionState;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.context.event.EventListener;

/**
 * What waits for each consumer, at the broker and here. NaN where it is not known: before the first reading, while the
 * broker does not answer, where the transport does not tell, and when the consumer is not subscribed. Thread-safe.
 */
final class ConsumerGauges {

    private final MeterRegistry meters;
    private final IdempotentConsumerRegistry consumers;
    private final RecentConsumerLags lags;
    private final @Nullable RecentDeadLetters letters;

    ConsumerGauges(
            MeterRegistry meters,
            IdempotentConsumerRegistry consumers,
            RecentConsumerLags lags,
            @Nullable RecentDeadLetters letters) {
        this.meters = meters;
        this.consumers = consumers;
        this.lags = lags;
        this.letters = letters;
    }

    @EventListener(ContextRefreshedEvent.class)
    void register() {
        consumers.running().stream().map(RunningConsumer::subscription).forEach(this::register);
        if (letters != null) {
            consumers.subscriptions().stream()
                    .map(Subscription::group)
                    .distinct()
                    .forEach(group -> deadLetters(group, letters));
        }
    }

    private void deadLetters(String group, RecentDeadLetters counts) {
        Gauge.builder("tally.consume.deadletters", counts, recent -> recent.of(group))
                .tag("group", group)
                .description("Dead letters that the database keeps, some seconds ago")
                .register(meters);
    }

    private void register(Subscription consumer) {
        Gauge.builder("tally.consume.lag", lags, recent -> recent.recent(consumer.topic(), consumer.group())
                        .map(lag -> (double) lag.messages())
                        .orElse(Double.NaN))
                .tags(tags(consumer))
                .description("Messages of the topic that the group has not acknowledged, some seconds ago")
                .register(meters);
        gauge(consumer, "waiting", "Messages that were fetched and wait for a handler", SubscriptionState::waiting);
        gauge(consumer, "running", "Messages that are being handled", SubscriptionState::running);
        gauge(consumer, "resting", "Keys whose first message failed and is tried again", SubscriptionState::resting);
        gauge(consumer, "concurrency", "Handlers that may run at once", SubscriptionState::concurrency);
        gauge(
                consumer,
                "paused",
                "1 while a person has paused it, 2 while a failure has stopped it",
                state -> state.stopReason() != null ? 2 : state.paused() ? 1 : 0);
    }

    private void gauge(
            Subscription consumer, String name, String description, ToDoubleFunction<SubscriptionState> value) {
        Gauge.builder("tally.consume." + name, this, gauges -> gauges.state(consumer)
                        .map(value::applyAsDouble)
                        .orElse(Double.NaN))
                .tags(tags(consumer))
                .description(description)
                .register(meters);
    }

    private Optional<SubscriptionState> state(Subscription consumer) {
        return consumers.running().stream()
                .filter(each -> each.subscription().equals(consumer))
                .findFirst()
                .flatMap(RunningConsumer::control)
                .map(control -> control.state(0));
    }

    private static Tags tags(Subscription consumer) {
        return Tags.of("topic", consumer.topic(), "group", consumer.group());
    }
}
