package dev.tally.transport.rocketmq;

import dev.tally.consume.dispatch.DispatchEdges;
import dev.tally.half.CheckBack;
import dev.tally.half.CheckBackHorizon;
import dev.tally.half.HalfMessageInspection;
import dev.tally.half.HalfMessageList;
import dev.tally.half.HalfMessages;
import dev.tally.half.OpenHalf;
import dev.tally.half.PreparedHalf;
import dev.tally.message.Message;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.BatchHandler;
import dev.tally.transport.Capability;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.Transport;
import dev.tally.transport.TransportException;
import dev.tally.transport.client.TransportThreads;
import dev.tally.transport.client.UnsendableMessageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.exception.RemotingException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transport over RocketMQ, or over Tally's own broker, which speaks the same protocol. Thread-safe.
 *
 * <ul>
 *   <li>Order: messages with one key go to one queue, one after the other. It holds as long as the topic keeps its number
 *       of queues. Half messages become visible in the order in which the broker handles their commits; for order of
 *       one key over several transactions use the outbox.
 *   <li>Attempts of ordered subscriptions are counted in memory: they begin again when a queue moves to another process.
 *   <li>Dead letters are in the topic {@code %DLQ%<group>}, the reason is in the log.
 *   <li>Brokers may be down when it starts: sends fail and are the relay's to repeat, subscriptions begin when a name server
 *       answers.
 *   <li>Subscriptions of one group share a client, so they must agree in order and attempts.
 * </ul>
 *
 * @since 0.1
 */
public final class RocketMqTransport implements Transport, HalfMessages, HalfMessageInspection, CheckBackHorizon {

    private static final Logger LOG = LoggerFactory.getLogger(RocketMqTransport.class);

    private final RocketMqSettings settings;
    private final ClientFactory clients;
    private final MessageTranslation translation;
    private final CheckBackListener checkBacks = new CheckBackListener();
    private final ThreadPoolExecutor checkBackThreads;
    private final ThreadPoolExecutor endThread;
    private final ScheduledExecutorService timer;
    private final ExecutorService workers;
    private final DispatchEdges edges = DispatchEdges.real();
    private final TallyProducer producer;
    private final OrderedSender sender;
    private final HalfDecisions decisions;
    private final HalfMessageSender halves;
    private final HorizonInspector horizon;
    private final HalfSearch search;
    private final ParkedHalves parkedHalves;
    private final Map<String, GroupConsumer> groups = new HashMap<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Starts the transport. The brokers need not be reachable yet.
     *
     * @throws TransportException if the client cannot start, for instance because the producer group's name is illegal
     */
    public RocketMqTransport(RocketMqSettings settings) {
        this.settings = settings;
        this.clients = new ClientFactory(settings);
        this.translation = new MessageTranslation(settings.maxMessageBytes());
        this.checkBackThreads = TransportThreads.pool("tally-rocketmq-checkback", 4, 2_000);
        this.endThread = TransportThreads.pool("tally-rocketmq-end", 1, 100_000);
        this.workers = TransportThreads.unbounded("tally-consume", settings.handlerThreads());
        this.timer = TransportThreads.timer("tally-rocketmq-presence");
        this.producer = clients.producer(checkBacks, checkBackThreads);
        this.sender = new OrderedSender(producer, translation, settings.sendTimeout());
        this.decisions = new HalfDecisions(producer, endThread, timer);
        this.halves = new HalfMessageSender(producer, translation, settings.sendTimeout(), decisions);
        this.horizon = new HorizonInspector(producer, settings.checkHorizon());
        this.search = new HalfSearch(producer, new HalfInspector(producer));
        this.parkedHalves = new ParkedHalves(producer, endThread);
        try {
            producer.start();
        } catch (MQClientException e) {
            shutDownThreads();
            throw new TransportException(
                    "Cannot start RocketMQ producer group '" + settings.producerGroup() + "' at name server "
                            + settings.nameServer() + ": " + e.getErrorMessage(),
                    e);
        }
        String advice = settings.tls() ? ClientFactory.tlsAdvice() : null;
        if (advice != null) {
            LOG.warn("{} nameServer={}", advice, settings.nameServer());
        }
        LOG.info(
                "RocketMQ transport started nameServer={} producerGroup={} instanceName={}",
                settings.nameServer(),
                settings.producerGroup(),
                settings.instanceName());
    }

    @Override
    public String name() {
        return "rocketmq";
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(
                Capability.HALF_MESSAGES,
                Capability.KEY_ORDER,
                Capability.DELAY,
                Capability.BROADCAST,
                Capability.REPLAY);
    }

    @Override
    public Duration redeliveryHorizon() {
        return settings.redeliveryHorizon();
    }

    @Override
    public Duration maxDelay() {
        return settings.maxDelay();
    }

    @Override
    public Optional<String> refusal(Message message) {
        return UnsendableMessageException.refusal(message, each -> translation.toWire(each, null));
    }

    @Override
    public List<CompletableFuture<SendOutcome>> send(List<Message> messages) {
        return sender.send(messages);
    }

    @Override
    public CompletableFuture<List<PreparedHalf>> prepare(String transactionId, List<Message> messages) {
        return halves.prepare(transactionId, messages);
    }

    @Override
    public CompletableFuture<Boolean> commit(List<PreparedHalf> prepared) {
        return end(prepared, LocalTransactionState.COMMIT_MESSAGE);
    }

    @Override
    public CompletableFuture<Boolean> rollback(List<PreparedHalf> prepared) {
        return end(prepared, LocalTransactionState.ROLLBACK_MESSAGE);
    }

    private CompletableFuture<Boolean> end(List<PreparedHalf> prepared, LocalTransactionState state) {
        List<ParkedHalf> parked = ParkedHalves.among(prepared);
        if (parked.isEmpty()) {
            return halves.end(prepared, state);
        }
        // Asked about again, they end as the ledger says, which whoever decides them has told before.
        List<PreparedHalf> others = new ArrayList<>(prepared);
        others.removeAll(parked);
        return halves.end(others, state).thenCombine(parkedHalves.resume(parked), (ended, resumed) -> false);
    }

    @Override
    public HalfMessageList undecided(int max) {
        return search.undecided(max);
    }

    @Override
    public List<OpenHalf> undecidedOf(String transactionId) {
        return search.undecidedOf(transactionId);
    }

    @Override
    public long parked() {
        return search.parked();
    }

    /**
     * {@inheritDoc}
     *
     * <p>Tally's broker tells the age of the oldest undecided half message, parked or not. RocketMQ's tells its policy, by
     * default 72 hours; where it does not, {@link RocketMqSettings#checkHorizon()} is taken.
     */
    @Override
    public Duration ofOldestQuestion() {
        return horizon.ofOldestQuestion();
    }

    @Override
    public void onCheckBack(CheckBack checkBack) {
        checkBacks.answerWith(checkBack);
        new ProducerPresence(producer, timer).begin();
    }

    @Override
    public ActiveSubscription subscribe(Subscription subscription, BatchHandler handler) {
        String group = subscription.group();
        String topic = subscription.topic();
        TopicConsumption consumed = TopicConsumption.of(subscription, handler, settings, workers, timer, edges);
        TopicPositions positions =
                new TopicPositions(producer, settings.namespace(), topic, group, new Member(group, topic));
        LateSubscription late =
                new LateSubscription(consumed, positions, () -> join(consumed), () -> unsubscribe(group, topic), timer);
        late.attempt();
        return late;
    }

    /** What the group's client, if there is one at the moment, has of a topic. */
    private final class Member implements TopicPositions.Member {

        private final String group;
        private final String topic;

        Member(String group, String topic) {
            this.group = group;
            this.topic = topic;
        }

        @Override
        public Set<MessageQueue> queues() {
            return consumer().map(consumer -> consumer.queuesOf(topic)).orElse(Set.of());
        }

        @Override
        public void moved(MessageQueue queue, long position) {
            consumer().ifPresent(consumer -> consumer.moved(queue, position));
        }

        private Optional<GroupConsumer> consumer() {
            synchronized (groups) {
                return Optional.ofNullable(groups.get(group));
            }
        }
    }

    private void join(TopicConsumption consumed) {
        Subscription subscription = consumed.subscription();
        String group = subscription.group();
        String topic = subscription.topic();
        synchronized (groups) {
            if (closed.get()) {
                throw new TransportException(
                        "Cannot subscribe group '" + group + "' to topic '" + topic + "': the transport is closed");
            }
            GroupConsumer known = groups.get(group);
            GroupConsumer consumer = known != null
                    ? known
                    : new GroupConsumer(
                            settings, clients, producer, translation, timer, workers, edges.nanoTime(), subscription);
            consumer.add(consumed);
            groups.put(group, consumer);
        }
    }

    private void unsubscribe(String group, String topic) {
        synchronized (groups) {
            GroupConsumer consumer = groups.get(group);
            if (consumer != null && consumer.remove(topic)) {
                groups.remove(group);
            }
        }
    }

    /**
     * Asks the name server for brokers and greets each of them; returns if all answered. Takes as long as the send
     * time-out for each at most.
     *
     * @throws TransportException that says who could not be reached, or who refuses this client and why
     */
    public void verifyReachable() {
        String asked = "name server " + settings.nameServer();
        try {
            Set<String> masters = producer.findMasters();
            if (masters.isEmpty()) {
                throw new TransportException(
                        "Cannot reach RocketMQ: " + asked + " knows no broker that takes messages");
            }
            for (String master : masters) {
                asked = "broker " + master + " of name server " + settings.nameServer();
                producer.announceTo(master);
            }
        } catch (MQBrokerException e) {
            throw new TransportException(
                    "Cannot use RocketMQ: " + asked + " refuses with code " + e.getResponseCode() + ": "
                            + e.getErrorMessage(),
                    e);
        } catch (RemotingException e) {
            throw new TransportException("Cannot reach RocketMQ: " + asked + " does not answer: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransportException("Cannot reach RocketMQ: interrupted while asking " + asked, e);
        }
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        synchronized (groups) {
            new ArrayList<>(groups.values()).forEach(GroupConsumer::close);
            groups.clear();
        }
        decisions.finish(settings.closeTimeout());
        producer.shutdown();
        shutDownThreads();
        LOG.info("RocketMQ transport closed producerGroup={}", settings.producerGroup());
    }

    private void shutDownThreads() {
        timer.shutdownNow();
        workers.shutdown();
        checkBackThreads.shutdownNow();
        endThread.shutdownNow();
        try {
            timer.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
