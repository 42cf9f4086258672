package dev.tally.transport.rocketmq;

import dev.tally.consume.dispatch.DispatchEdges;
import dev.tally.consume.dispatch.DispatchSettings;
import dev.tally.consume.dispatch.KeyedDispatcher;
import dev.tally.transport.BatchHandler;
import dev.tally.transport.Subscription;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;

/** What a group does with one topic. */
record TopicConsumption(Subscription subscription, BatchHandler handler, KeyedDispatcher dispatcher) {

    static TopicConsumption of(
            Subscription subscription,
            BatchHandler handler,
            RocketMqSettings settings,
            Executor workers,
            ScheduledExecutorService timer,
            DispatchEdges edges) {
        // The client fetches no more than the window ahead; what is here is part of that.
        DispatchSettings limits = DispatchSettings.of(
                subscription.withBatch(Math.min(subscription.batch(), settings.consumeBatchSize())),
                settings.orderedRetryDelay(),
                settings.cachedMessagesPerQueue(),
                settings.closeTimeout());
        return new TopicConsumption(subscription, handler, new KeyedDispatcher(limits, handler, workers, timer, edges));
    }
}
