package dev.tally.transport.kafka;

import dev.tally.consume.dispatch.DispatchEdges;
import dev.tally.consume.dispatch.DispatchSettings;
import dev.tally.consume.dispatch.KeyedDispatcher;
import dev.tally.message.Message;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.BatchHandler;
import dev.tally.transport.Capability;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.Transport;
import dev.tally.transport.TransportException;
import dev.tally.transport.client.TransportThreads;
import dev.tally.transport.wire.TagExpression;
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
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transport over Kafka. Thread-safe.
 *
 * <ul>
 *   <li>Order: messages with one key go to one partition, one after the other, by Kafka's own partitioning. It holds as long
 *       as the topic keeps its number of partitions.
 *   <li>Each subscription has a consumer and a thread of its own; handlers run beside them, in parallel by key.
 *   <li>Kafka takes no message back: what failed rests in memory until it is tried again, and attempts begin again where the
 *       partition moves to another process.
 *   <li>Dead letters are in the topic {@code <topic>-<group>-dlt}, with headers as spring-kafka has them.
 *   <li>Brokers may be down when it starts: sends fail and are the relay's to repeat, subscriptions begin when they answer.
 * </ul>
 *
 * @since 0.1
 */
public final class KafkaTransport implements Transport {

    private static final Logger LOG = LoggerFactory.getLogger(KafkaTransport.class);
    private static final long DEFAULT_MAX_REQUEST = 1024 * 1024;

    private final KafkaSettings settings;
    private final KafkaClients clients;
    private final MessageTranslation translation;
    private final DispatchEdges edges = DispatchEdges.real();
    private final ExecutorService workers;
    private final ScheduledExecutorService timer;
    private final LiveProducer producer;
    private final Admin admin;
    private final Topics topics;
    private final OrderedSender sender;
    private final DeadLetters deadLetters;
    private final PositionQuestions questions;
    private final CommittedMarks marks;
    private final Map<GroupTopic, KafkaSubscription> subscriptions = new HashMap<>();
    private boolean closed;

    private record GroupTopic(String group, String topic) {}

    /**
     * Starts the transport. The brokers need not be reachable yet, but their names must be known.
     *
     * @throws TransportException if Kafka's clients refuse their properties
     */
    public KafkaTransport(KafkaSettings settings) {
        this.settings = settings;
        this.clients = new KafkaClients(settings);
        long maxRequest =
                UserProperties.number(settings.producer(), ProducerConfig.MAX_REQUEST_SIZE_CONFIG, DEFAULT_MAX_REQUEST);
        this.translation = new MessageTranslation(maxRequest, settings.cloudEventSource());
        clients.checkConsumers();
        this.workers = TransportThreads.unbounded("tally-consume", settings.handlerThreads());
        this.timer = TransportThreads.timer("tally-kafka-timer");
        this.admin = clients.admin();
        this.producer = producerOrClose();
        this.topics = new Topics(admin, settings.sendTimeout(), settings.createMissingTopics());
        RecordSender records = new RecordSender(producer, topics, timer, edges.nanoTime(), settings.sendTimeout());
        this.sender = new OrderedSender(records, translation);
        this.deadLetters = new DeadLetters(records, topics, timer, edges.random(), settings);
        this.questions = new PositionQuestions(
                admin, topics, isolation(settings), this::reader, edges.nanoTime(), settings.sendTimeout());
        this.marks = new CommittedMarks(admin, settings.sendTimeout());
        LOG.info("Kafka transport started bootstrapServers={}", settings.bootstrapServers());
    }

    private LiveProducer producerOrClose() {
        try {
            return new LiveProducer(clients::producer, workers, edges.nanoTime());
        } catch (TransportException e) {
            admin.close(Duration.ZERO);
            throw e;
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private Consumer<byte[], byte[]> reader() {
        return clients.consumer(null, Map.of(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1));
    }

    private static IsolationLevel isolation(KafkaSettings settings) {
        return "read_uncommitted"
                        .equalsIgnoreCase(
                                UserProperties.text(settings.consumer(), ConsumerConfig.ISOLATION_LEVEL_CONFIG))
                ? IsolationLevel.READ_UNCOMMITTED
                : IsolationLevel.READ_COMMITTED;
    }

    @Override
    public String name() {
        return "kafka";
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.KEY_ORDER, Capability.BROADCAST, Capability.REPLAY);
    }

    @Override
    public Duration redeliveryHorizon() {
        return settings.redeliveryHorizon();
    }

    @Override
    public Optional<String> refusal(Message message) {
        return translation.refusal(message);
    }

    @Override
    public List<CompletableFuture<SendOutcome>> send(List<Message> messages) {
        return sender.send(messages);
    }

    @Override
    public ActiveSubscription subscribe(Subscription subscription, BatchHandler handler) {
        requirePossible(subscription);
        DispatchSettings limits = DispatchSettings.of(
                        subscription, settings.retryDelay(), settings.window(), settings.closeTimeout())
                .retryingHere();
        Consumption consumption = new Consumption(
                subscription,
                TagExpression.of(subscription.tags()),
                new KeyedDispatcher(limits, handler, workers, timer, edges),
                translation,
                deadLetters,
                settings.window());
        GroupTopic name = new GroupTopic(subscription.group(), subscription.topic());
        KafkaSubscription created = subscription.broadcast() ? broadcast(consumption, name) : member(consumption, name);
        synchronized (subscriptions) {
            requireNew(name);
            subscriptions.put(name, created);
        }
        created.begin();
        return created;
    }

    private KafkaSubscription broadcast(Consumption consumption, GroupTopic name) {
        Map<TopicPartition, Long> reached = new HashMap<>();
        return new KafkaSubscription(
                consumption,
                topics,
                () -> new PollLoop(
                        clients.consumer(null),
                        consumption,
                        (consumer, partitions, tasks) ->
                                new BroadcastMembership(consumer, partitions, name.topic(), reached),
                        edges.nanoTime()),
                null,
                () -> forget(name),
                edges.random());
    }

    private KafkaSubscription member(Consumption consumption, GroupTopic name) {
        GroupMembership.Terms terms = new GroupMembership.Terms(
                name.topic(), name.group(), clients.commitInterval(), clients.handOverLimit(), marks);
        CurrentMember current = new CurrentMember();
        MoveWatch watch = new MoveWatch(marks, questions, edges.nanoTime(), edges.random());
        return new KafkaSubscription(
                consumption,
                topics,
                () -> new PollLoop(
                        clients.consumer(name.group()),
                        consumption,
                        (consumer, partitions, tasks) ->
                                current.is(new GroupMembership(consumer, partitions, tasks, terms)),
                        edges.nanoTime()),
                new TopicPositions(questions, marks, name.topic(), name.group(), current, watch),
                () -> forget(name),
                edges.random());
    }

    private void requirePossible(Subscription subscription) {
        String attempt =
                "Cannot subscribe group '" + subscription.group() + "' to topic '" + subscription.topic() + "': ";
        TopicNames.fault(subscription.topic()).ifPresent(fault -> {
            throw new TransportException(attempt + fault);
        });
        if (subscription.group().isBlank()) {
            throw new TransportException(attempt + "its group is blank");
        }
        if (subscription.broadcast()) {
            return;
        }
        String dead = deadLetters.topicOf(subscription.topic(), subscription.group());
        TopicNames.fault(dead).ifPresent(fault -> {
            throw new TransportException(attempt + "for dead letters, " + fault);
        });
    }

    private void requireNew(GroupTopic name) {
        if (closed) {
            throw new TransportException("Cannot subscribe group '" + name.group() + "' to topic '" + name.topic()
                    + "': the transport is closed");
        }
        if (subscriptions.containsKey(name)) {
            throw new TransportException("Cannot subscribe group '" + name.group() + "' to topic '" + name.topic()
                    + "' a second time: a group handles each message once; use another group");
        }
    }

    private void forget(GroupTopic name) {
        synchronized (subscriptions) {
            subscriptions.remove(name);
        }
    }

    /** {@inheritDoc} It takes some seconds more where the brokers do not answer. */
    @Override
    public void close() {
        List<KafkaSubscription> open;
        synchronized (subscriptions) {
            if (closed) {
                return;
            }
            closed = true;
            open = new ArrayList<>(subscriptions.values());
        }
        // Together, as each may wait for handlers as long as is allowed.
        List<Thread> closers = open.stream()
                .map(each -> TransportThreads.daemon("tally-kafka-close", each::close))
                .toList();
        closers.forEach(Thread::start);
        for (Thread closer : closers) {
            try {
                closer.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        producer.close(shorter(settings.sendTimeout(), settings.closeTimeout()));
        questions.close();
        admin.close(PollLoop.LEAVE_LIMIT);
        timer.shutdownNow();
        workers.shutdown();
        LOG.info("Kafka transport closed bootstrapServers={}", settings.bootstrapServers());
    }
}
