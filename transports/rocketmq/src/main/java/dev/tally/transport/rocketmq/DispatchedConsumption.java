package dev.tally.transport.rocketmq;

import dev.tally.consume.dispatch.DispatchedQueue;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.Subscription;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.rocketmq.client.impl.consumer.ConsumeMessageService;
import org.apache.rocketmq.client.impl.consumer.DefaultMQPushConsumerImpl;
import org.apache.rocketmq.client.impl.consumer.PopProcessQueue;
import org.apache.rocketmq.client.impl.consumer.ProcessQueue;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.protocol.NamespaceUtil;
import org.apache.rocketmq.remoting.protocol.body.CMResult;
import org.apache.rocketmq.remoting.protocol.body.ConsumeMessageDirectlyResult;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the place of the client's own consuming: hands what it pulls to the dispatchers of the topics. The client goes on
 * to share the queues among the group's members, to pull, to bound what is fetched ahead, and to tell the broker up to
 * where a queue is consumed; its {@link ProcessQueue} knows what of it is not yet. Thread-safe.
 */
final class DispatchedConsumption implements ConsumeMessageService {

    private static final Logger LOG = LoggerFactory.getLogger(DispatchedConsumption.class);

    private static final long SWEEP_MILLIS = 200;
    private static final long AGAIN_MILLIS = 1_000;

    /** A topic's messages in a queue that the client has now; one that comes back later is another. */
    private record Source(ProcessQueue pulled, String topic) {}

    private final DefaultMQPushConsumerImpl client;
    private final Subscription first;
    private final Map<String, TopicConsumption> topics;
    private final MessageTranslation translation;
    private final HandBack handBack;
    private final @Nullable String namespace;
    private final ExecutorService workers;
    private final ScheduledExecutorService timer;
    private final LongSupplier nanoTime;
    private final Map<Source, DispatchedQueue> queues = new ConcurrentHashMap<>();
    private volatile @Nullable ScheduledFuture<?> sweeping;

    DispatchedConsumption(
            DefaultMQPushConsumerImpl client,
            Subscription first,
            Map<String, TopicConsumption> topics,
            MessageTranslation translation,
            HandBack handBack,
            @Nullable String namespace,
            ExecutorService workers,
            ScheduledExecutorService timer,
            LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.client = client;
        this.first = first;
        this.topics = topics;
        this.translation = translation;
        this.handBack = handBack;
        this.namespace = namespace;
        this.workers = workers;
        this.timer = timer;
    }

    @Override
    public void start() {
        sweeping = timer.scheduleWithFixedDelay(this::sweep, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void shutdown(long awaitTerminateMillis) {
        ScheduledFuture<?> swept = sweeping;
        if (swept != null) {
            swept.cancel(false);
        }
        topics.values().forEach(topic -> topic.dispatcher().close());
    }

    /**
     * Queues that went to other members end. Until the next sweep handlers may begin for one of them: the inbox makes
     * them wait for the new owner's, or it for them, so that each message takes effect once and in order.
     */
    void sweep() {
        queues.forEach((source, queue) -> {
            if (source.pulled().isDropped() && queues.remove(source, queue)) {
                var unused = queue.revoke();
            }
        });
    }

    /** Called for each pull of a queue, in order. */
    @Override
    public void submitConsumeRequest(
            List<MessageExt> messages, ProcessQueue pulled, MessageQueue queue, boolean dispatchToConsume) {
        if (pulled.isDropped()) {
            return; // It was pulled before the queue went; whoever has it now gets them.
        }
        if (isOfTopicThatLeft(queue)) {
            client.getRebalanceImpl().removeProcessQueue(queue);
            return;
        }
        client.resetRetryAndNamespace(messages, client.groupName());
        PulledDelivery.Ending ending = ending(pulled, queue);
        Map<String, List<PulledDelivery>> byTopic = new LinkedHashMap<>();
        for (MessageExt message : messages) {
            TopicConsumption topic = topics.get(message.getTopic());
            ReceivedMessage received = PulledDelivery.received(message, translation);
            if (topic == null) {
                giveBack(new PulledDelivery(message, received, first, handBack, ending));
            } else {
                byTopic.computeIfAbsent(message.getTopic(), name -> new ArrayList<>())
                        .add(new PulledDelivery(message, received, topic.subscription(), handBack, ending));
            }
        }
        byTopic.forEach((topic, deliveries) -> {
            TopicConsumption consumption = topics.get(topic);
            DispatchedQueue open = consumption == null ? null : openUnlessDropped(pulled, queue, consumption);
            if (open != null) {
                open.offer(deliveries);
            }
        });
    }

    /**
     * Whether its topic was unsubscribed a moment ago. Nothing of it may be handed back to its broker then, which would
     * deliver it again later, behind the next ones of its key: it is left where it is.
     */
    private boolean isOfTopicThatLeft(MessageQueue queue) {
        String topic =
                namespace == null ? queue.getTopic() : NamespaceUtil.withoutNamespace(queue.getTopic(), namespace);
        return !NamespaceUtil.isRetryTopic(queue.getTopic()) && !topics.containsKey(topic);
    }

    /**
     * None where the queue has gone, and the sweep was here: what was before these messages has been dropped, and they would
     * take effect first.
     */
    private @Nullable DispatchedQueue openUnlessDropped(
            ProcessQueue pulled, MessageQueue queue, TopicConsumption consumption) {
        // Within the map's lock: the sweep, which removes only what is dropped, comes before this and is seen, or
        // after.
        return queues.computeIfAbsent(
                new Source(pulled, consumption.subscription().topic()),
                source -> pulled.isDropped() ? null : consumption.dispatcher().open(queue.toString()));
    }

    /** One that comes again, of a topic that was unsubscribed here a moment ago: another member may have it. */
    private void giveBack(PulledDelivery delivery) {
        soon(() -> delivery.settled(new DeliveryOutcome.Retry("its topic is not subscribed here any more")), 0);
    }

    private PulledDelivery.Ending ending(ProcessQueue pulled, MessageQueue queue) {
        return new PulledDelivery.Ending() {
            @Override
            public void consumed(MessageExt message) {
                long next = pulled.removeMessage(List.of(message));
                if (next >= 0 && !pulled.isDropped()) {
                    client.getOffsetStore().updateOffset(queue, next, true);
                }
            }

            @Override
            public void notTaken(Runnable again) {
                if (!pulled.isDropped()) {
                    soon(again, AGAIN_MILLIS);
                }
            }
        };
    }

    /** Runs on a worker: it waits for the broker. */
    private void soon(Runnable work, long delayMillis) {
        try {
            var unused = timer.schedule(
                    () -> {
                        try {
                            workers.execute(work);
                        } catch (RejectedExecutionException e) {
                            LOG.debug("Not giving a message back, the consumer is closed", e);
                        }
                    },
                    delayMillis,
                    TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("Not giving a message back, the transport is closed", e);
        }
    }

    /** An operator lets this member handle a message, whatever queue it is of. */
    @Override
    public ConsumeMessageDirectlyResult consumeMessageDirectly(MessageExt message, String brokerName) {
        ConsumeMessageDirectlyResult result = new ConsumeMessageDirectlyResult();
        result.setOrder(first.ordered());
        result.setAutoCommit(true);
        client.resetRetryAndNamespace(new ArrayList<>(List.of(message)), client.groupName());
        TopicConsumption topic = topics.get(message.getTopic());
        long begin = nanoTime.getAsLong();
        if (topic == null) {
            result.setConsumeResult(CMResult.CR_RETURN_NULL);
            result.setRemark("topic '" + message.getTopic() + "' is not subscribed by group '" + first.group() + "'");
        } else {
            try {
                DeliveryOutcome outcome = topic.handler()
                        .handle(List.of(PulledDelivery.received(message, translation)))
                        .get(0);
                result.setConsumeResult(
                        outcome instanceof DeliveryOutcome.Delivered ? CMResult.CR_SUCCESS : CMResult.CR_LATER);
                result.setRemark(outcome.toString());
            } catch (RuntimeException e) {
                LOG.warn("Cannot handle message {} directly", message.getMsgId(), e);
                result.setConsumeResult(CMResult.CR_THROW_EXCEPTION);
                result.setRemark(e.toString());
            }
        }
        result.setSpentTimeMills(TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong() - begin));
        return result;
    }

    @Override
    public void submitPopConsumeRequest(List<MessageExt> messages, PopProcessQueue pulled, MessageQueue queue) {
        throw new UnsupportedOperationException("Cannot consume group '" + first.group() + "' by popping");
    }

    @Override
    public int getCorePoolSize() {
        return first.concurrency();
    }

    // How many handlers run is the dispatchers' business.

    @Override
    public void updateCorePoolSize(int corePoolSize) {}

    @Override
    public void incCorePoolSize() {}

    @Override
    public void decCorePoolSize() {}
}
