package dev.tally.transport.rocketmq;

import dev.tally.transport.Subscription;
import dev.tally.transport.TransportException;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.impl.consumer.DefaultMQPushConsumerImpl;
import org.apache.rocketmq.client.impl.consumer.ProcessQueue;
import org.apache.rocketmq.common.MixAll;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.exception.RemotingException;
import org.apache.rocketmq.remoting.protocol.NamespaceUtil;
import org.apache.rocketmq.remoting.protocol.heartbeat.MessageModel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one client consumer of a group, with all topics that this process takes for it.
 *
 * <p>RocketMQ expects every member of a group to have the same subscriptions. Two consumers of one group with different
 * topics would take queues from each other and lose deliveries, so subscriptions of one group share a consumer here.
 */
final class GroupConsumer {

    private static final Logger LOG = LoggerFactory.getLogger(GroupConsumer.class);

    /** The topic whose settings a broker copies when it creates a topic on its first message. */
    private static final String TEMPLATE_TOPIC = "TBW102";

    private static final long[] REFRESHES_MILLIS = {200, 800, 2_000, 5_000};

    /** The client asks for one to know that it is not to keep queues locked. */
    private static final MessageListenerConcurrently NEVER_CALLED = (messages, context) -> {
        throw new IllegalStateException("Cannot handle messages here: the dispatcher has to");
    };

    private final DefaultMQPushConsumer consumer;
    private final TallyProducer producer;
    private final Subscription first;
    private final RocketMqSettings settings;
    private final ScheduledExecutorService timer;
    private final ExecutorService workers;
    private final Map<String, TopicConsumption> handlers = new ConcurrentHashMap<>();
    private final DispatchedConsumption consumption;

    GroupConsumer(
            RocketMqSettings settings,
            ClientFactory clients,
            TallyProducer producer,
            MessageTranslation translation,
            ScheduledExecutorService timer,
            ExecutorService workers,
            LongSupplier nanoTime,
            Subscription first) {
        this.consumer = clients.consumer(first.group());
        this.producer = producer;
        this.first = first;
        this.settings = settings;
        this.timer = timer;
        this.workers = workers;
        if (first.broadcast()) {
            takeAllFromNowOn();
        }
        // The client's count of attempts must not act before ours.
        consumer.setMaxReconsumeTimes(first.ordered() ? Integer.MAX_VALUE : first.maxAttempts() - 1);
        consumer.setMessageListener(NEVER_CALLED);
        // What failed keeps its queue from being acknowledged, not from being consumed.
        consumer.setConsumeConcurrentlyMaxSpan(settings.cachedMessagesPerQueue());
        consumption = new DispatchedConsumption(
                implementation(),
                first,
                handlers,
                translation,
                new HandBack(producer, settings.namespace()),
                settings.namespace(),
                workers,
                timer,
                nanoTime);
    }

    @SuppressWarnings("deprecation") // Without a store of ours, the client takes the file in the user's home.
    private void takeAllFromNowOn() {
        consumer.setMessageModel(MessageModel.BROADCASTING);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_LAST_OFFSET);
        consumer.setOffsetStore(new PositionsInMemory());
    }

    @SuppressWarnings("deprecation") // There is no other way to what consumes, and subclasses get to it as well.
    private DefaultMQPushConsumerImpl implementation() {
        return consumer.getDefaultMQPushConsumerImpl();
    }

    /** Adds a topic; the first one starts the consumer. */
    void add(TopicConsumption consumed) {
        Subscription subscription = consumed.subscription();
        requireFits(subscription);
        String topic = subscription.topic();
        prepareTopic(wireName(topic));
        handlers.put(topic, consumed);
        try {
            if (handlers.size() == 1) {
                startConsumer();
            }
            consumer.subscribe(topic, subscription.tags());
            consumer.resume();
            refreshSoon(topic, 0);
        } catch (MQClientException e) {
            handlers.remove(topic);
            if (handlers.isEmpty()) {
                close();
            }
            throw new TransportException(
                    "Cannot subscribe group '" + subscription.group() + "' to topic '" + topic + "' with tags '"
                            + subscription.tags() + "': " + e.getErrorMessage(),
                    e);
        }
        LOG.info(
                "Subscribed topic={} group={} tags={} ordered={} concurrency={} maxAttempts={}",
                topic,
                subscription.group(),
                subscription.tags(),
                subscription.ordered(),
                subscription.concurrency(),
                subscription.maxAttempts());
    }

    private void startConsumer() throws MQClientException {
        try {
            // Nothing may be pulled before the client's own consuming is replaced.
            consumer.suspend();
            consumer.start();
            implementation().getConsumeMessageService().shutdown(0);
            implementation().setConsumeMessageService(consumption);
            implementation()
                    .setOffsetStore(new PassedOnPositions(
                            implementation().getOffsetStore(),
                            implementation().getRebalanceImpl().getProcessQueueTable()::containsKey,
                            new AtBroker(producer, wireName(first.group())),
                            workers));
            consumption.start();
        } catch (IllegalStateException e) {
            // The client says so when no name server answers; it runs by then, and would try on its own for ever.
            consumer.shutdown();
            handlers.clear();
            throw new BrokerUnreachableException(
                    "Cannot start consumer group '" + first.group() + "' at name server " + settings.nameServer() + ": "
                            + e.getMessage() + ".",
                    e);
        }
    }

    /** The queues of a topic that this member has. */
    Set<MessageQueue> queuesOf(String topic) {
        String wanted = wireName(topic);
        Set<MessageQueue> queues = new HashSet<>();
        implementation().getRebalanceImpl().getProcessQueueTable().forEach((queue, pulled) -> {
            if (!pulled.isDropped() && queue.getTopic().equals(wanted)) {
                queues.add(queue);
            }
        });
        return queues;
    }

    private record AtBroker(TallyProducer producer, String group) implements PassedOnPositions.AtBroker {

        @Override
        public OptionalLong acknowledged(MessageQueue queue)
                throws RemotingException, MQBrokerException, InterruptedException {
            return new QueueRequests(producer).acknowledged(address(queue), queue, group);
        }

        @Override
        public void reset(MessageQueue queue, long position)
                throws RemotingException, MQBrokerException, InterruptedException {
            new QueueRequests(producer).reset(address(queue), queue, group, position);
        }

        private String address(MessageQueue queue) throws RemotingException {
            String master = producer.masterOf(queue.getBrokerName());
            if (master == null) {
                throw new RemotingException("no master of broker '" + queue.getBrokerName() + "' is known");
            }
            return master;
        }
    }

    /** Somebody has moved the group: goes on there with a queue, if this member has it, without what is here of it. */
    void moved(MessageQueue queue, long position) {
        ProcessQueue pulled =
                implementation().getRebalanceImpl().getProcessQueueTable().get(queue);
        if (pulled != null) {
            // As the client does when a pull tells it. It tells the broker what the offset store has when it gives the
            // queue up, and what handlers still acknowledge of the old position must not be that.
            pulled.setDropped(true);
            implementation().getOffsetStore().updateAndFreezeOffset(queue, position);
            implementation().getRebalanceImpl().removeProcessQueue(queue);
            consumption.sweep();
            implementation().getRebalanceImpl().getmQClientFactory().rebalanceImmediately();
        }
    }

    /**
     * Removes a topic; with the last one the consumer ends, after its running handlers.
     *
     * @return whether it was the last
     */
    boolean remove(String topic) {
        boolean last = handlers.size() == 1 && handlers.containsKey(topic);
        if (last) {
            close();
        } else {
            consumer.unsubscribe(topic);
            TopicConsumption removed = handlers.remove(topic);
            if (removed != null) {
                removed.dispatcher().close();
            }
            // What was dropped with the dispatcher must come again if the topic is subscribed again.
            queuesOf(topic).forEach(implementation().getRebalanceImpl()::removeProcessQueue);
        }
        LOG.info("Unsubscribed topic={} group={}", topic, first.group());
        return last;
    }

    void close() {
        consumer.shutdown();
        handlers.clear();
    }

    /**
     * Looks a few times whether the topic's queues, and those of the group's retries, which a broker creates when it
     * first sees the group, can be taken. By itself the client looks for topics every 10 s and for queues every 20 s.
     */
    private void refreshSoon(String topic, int done) {
        if (done == REFRESHES_MILLIS.length) {
            return;
        }
        try {
            var unused = timer.schedule(
                    () -> {
                        if (handlers.containsKey(topic)) {
                            producer.refreshRoute(wireName(topic));
                            producer.refreshRoute(MixAll.getRetryTopic(wireName(first.group())));
                            refreshSoon(topic, done + 1);
                        }
                    },
                    REFRESHES_MILLIS[done],
                    TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("Not refreshing the route of topic={}, the transport is closed", topic, e);
        }
    }

    private String wireName(String name) {
        return NamespaceUtil.wrapNamespace(settings.namespace(), name);
    }

    private void prepareTopic(String topic) {
        if (!settings.createMissingTopics()) {
            return;
        }
        try {
            if (!producer.knowsTopic(topic)) {
                producer.createTopicAsFirstMessageWould(topic, TEMPLATE_TOPIC);
                LOG.info("Created topic={} on subscribing, as its first message would have", topic);
            }
        } catch (MQClientException | RemotingException e) {
            LOG.info(
                    "Topic {} cannot be looked up or created now; its messages are noticed some seconds after it exists",
                    topic);
            LOG.debug("Preparing topic={} failed", topic, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransportException("Cannot subscribe to topic '" + topic + "': interrupted", e);
        }
    }

    private void requireFits(Subscription subscription) {
        if (handlers.containsKey(subscription.topic())) {
            throw new TransportException("Cannot subscribe group '" + subscription.group() + "' to topic '"
                    + subscription.topic() + "' a second time: a group handles each message once; use another group");
        }
        if (subscription.broadcast() != first.broadcast()) {
            throw new TransportException("Cannot subscribe group '" + subscription.group() + "' to topic '"
                    + subscription.topic() + "' with broadcast=" + subscription.broadcast() + ": the group has topic '"
                    + first.topic() + "' with broadcast=" + first.broadcast()
                    + ", and RocketMQ keeps that for a group as a whole; use another group");
        }
        if (subscription.ordered() != first.ordered() || subscription.maxAttempts() != first.maxAttempts()) {
            throw new TransportException("Cannot subscribe group '" + subscription.group() + "' to topic '"
                    + subscription.topic() + "' with ordered=" + subscription.ordered() + ", maxAttempts="
                    + subscription.maxAttempts() + ": the group has topic '" + first.topic() + "' with ordered="
                    + first.ordered() + ", maxAttempts=" + first.maxAttempts()
                    + ", and RocketMQ keeps both for a group as a whole; use the same values or another group");
        }
    }
}
