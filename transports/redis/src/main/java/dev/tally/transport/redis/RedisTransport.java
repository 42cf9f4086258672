package dev.tally.transport.redis;

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
import dev.tally.transport.client.UnsendableMessageException;
import dev.tally.transport.wire.TagExpression;
import io.lettuce.core.RedisClient;
import io.lettuce.core.cluster.RedisClusterClient;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transport over Redis streams, from Redis 6.2 on: a single server, one that sentinels name, or a cluster. Thread-safe.
 *
 * <ul>
 *   <li>A topic is a number of streams, its partitions; messages with one key are in one of them.
 *   <li>Each partition has one reader in each group at a time, by a lease in Redis. A process that was paused for longer
 *       than its lease reads and begins nothing more; a handler that ran meanwhile may have run twice, which the inbox
 *       makes one effect.
 *   <li>A message is as durable as Redis is configured: with {@code appendfsync always}, or with replicas that are waited
 *       for.
 *   <li>Dead letters are in the topic {@code <topic>:<group>:dead}, the reason is in headers.
 *   <li>Redis may be down when it starts: sends fail and are the relay's to repeat, subscriptions begin when it is there.
 * </ul>
 *
 * @since 0.1
 */
public final class RedisTransport implements Transport {

    private static final Logger LOG = LoggerFactory.getLogger(RedisTransport.class);
    private static final Duration LONGEST_TICK = Duration.ofSeconds(1);

    private final RedisSettings settings;
    private final RedisConnections connections;
    private final RedisKeys keys;
    private final Topics topics;
    private final EntryTranslation translation;
    private final Trimming trimming;
    private final DispatchEdges edges = DispatchEdges.real();
    private final ExecutorService threads = TransportThreads.unbounded("tally-redis", null);
    private final ExecutorService workers;
    private final ScheduledExecutorService timer = TransportThreads.timer("tally-redis-timer");
    private final Answers answers;
    private final Line sendLine;
    private final StreamSender sender;
    private final DeadLetters deadLetters;
    private final AtomicLong members = new AtomicLong();
    private final Map<Object, RedisSubscription> subscriptions = new HashMap<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Starts the transport at a single server, or at the one that sentinels name. It need not be reachable yet.
     *
     * @param client reaches it; belongs to the transport from now on, which changes how it deals with lost connections, and
     *     shuts it down when it is closed
     */
    public RedisTransport(RedisClient client, RedisSettings settings) {
        this(RedisConnections.of(client), settings);
    }

    /**
     * Starts the transport at a cluster. It need not be reachable yet.
     *
     * @param client reaches it; belongs to the transport from now on, which changes how it deals with lost connections, and
     *     shuts it down when it is closed
     * @throws IllegalArgumentException if replicas are to be waited for, which is not possible in a cluster
     */
    public RedisTransport(RedisClusterClient client, RedisSettings settings) {
        this(RedisConnections.of(client), settings);
    }

    private RedisTransport(RedisConnections connections, RedisSettings settings) {
        if (connections.isCluster() && settings.minReplicas() > 0) {
            throw new IllegalArgumentException("Cannot wait for minReplicas=" + settings.minReplicas()
                    + " in Redis Cluster; min-replicas-to-write in the servers' configuration is possible");
        }
        this.settings = settings;
        this.connections = connections;
        this.keys = new RedisKeys(settings.prefix());
        this.topics = new Topics(keys, settings.partitions(), edges.nanoTime());
        this.translation = new EntryTranslation(settings.maxMessageBytes());
        this.trimming = new Trimming(settings.retention(), edges.nanoTime());
        this.workers = TransportThreads.unbounded("tally-consume", settings.handlerThreads());
        // So that a lease is renewed more than once before it ends, also where an answer is waited for in vain.
        Duration third = settings.leaseTime().dividedBy(3);
        this.answers = new Answers(third.compareTo(settings.sendTimeout()) < 0 ? third : settings.sendTimeout());
        this.sendLine = connections.line(threads, edges.nanoTime(), new DurabilityCheck()::check);
        this.sender = new StreamSender(
                sendLine,
                keys,
                topics,
                translation,
                settings.sendTimeout(),
                settings.minReplicas() == 0
                        ? null
                        : new ReplicaConfirmation(settings.minReplicas(), settings.sendTimeout()),
                trimming);
        this.deadLetters = new DeadLetters(sender, timer);
        var unused = sendLine.session(); // a first look at the server; whether it is there does not matter yet
        LOG.info("Redis transport started instanceName={} prefix={}", settings.instanceName(), settings.prefix());
    }

    private Line line() {
        return connections.line(threads, edges.nanoTime(), opened -> {});
    }

    @Override
    public String name() {
        return "redis";
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.KEY_ORDER, Capability.BROADCAST, Capability.DELIVERY_COUNT, Capability.REPLAY);
    }

    @Override
    public Duration redeliveryHorizon() {
        return settings.redeliveryHorizon();
    }

    @Override
    public Optional<String> refusal(Message message) {
        return UnsendableMessageException.refusal(message, translation::toFields);
    }

    @Override
    public List<CompletableFuture<SendOutcome>> send(List<Message> messages) {
        return sender.send(messages);
    }

    /** What a group has one subscription of. */
    private record OfGroup(String topic, String group) {}

    @Override
    public ActiveSubscription subscribe(Subscription subscription, BatchHandler handler) {
        String topic = subscription.topic();
        String group = subscription.group();
        RedisKeys.wrongTopic(topic).ifPresent(wrong -> {
            throw new TransportException("Cannot subscribe group '" + group + "' to topic '" + topic + "': " + wrong);
        });
        TagExpression tags = TagExpression.of(subscription.tags());
        Object place = subscription.broadcast() ? new Object() : new OfGroup(topic, group);
        RedisSubscription active;
        synchronized (subscriptions) {
            if (closed.get()) {
                throw new TransportException(
                        "Cannot subscribe group '" + group + "' to topic '" + topic + "': the transport is closed");
            }
            if (subscriptions.containsKey(place)) {
                throw new TransportException("Cannot subscribe group '" + group + "' to topic '" + topic
                        + "' a second time; another group is possible");
            }
            active = subscription(subscription, handler, tags, () -> left(place));
            subscriptions.put(place, active);
        }
        threads.execute(active::run);
        return active;
    }

    private void left(Object place) {
        synchronized (subscriptions) {
            subscriptions.remove(place);
        }
    }

    private RedisSubscription subscription(
            Subscription subscription, BatchHandler handler, TagExpression tags, Runnable left) {
        Line line = line();
        AtomicLong tokens = new AtomicLong();
        Runnable[] wake = new Runnable[1];
        News news = new News(this::line, connections.isCluster(), answers.limit(), () -> wake[0].run());
        Duration fifth = settings.leaseTime().dividedBy(5);
        Duration tick = fifth.compareTo(LONGEST_TICK) < 0 ? fifth : LONGEST_TICK;
        ConsumptionLoop loop = new ConsumptionLoop(subscription, line, news, answers, tick, edges.nanoTime());
        wake[0] = loop::wake;
        LeasedHandler leased = new LeasedHandler(handler, subscription.ordered());
        KeyedDispatcher dispatcher = new KeyedDispatcher(
                limits(subscription), subscription.broadcast() ? handler : leased, workers, timer, edges);
        Duration leaveLimit = answers.limit().multipliedBy(2);
        if (subscription.broadcast()) {
            loop.begin(new BroadcastShare(subscription, dispatcher, translation, keys, topics, answers, loop::wake));
            return new RedisSubscription(dispatcher, loop, null, leaveLimit, left);
        }
        GroupContext context = new GroupContext(
                subscription,
                settings.instanceName() + '-' + members.incrementAndGet(),
                tags,
                dispatcher,
                leased,
                translation,
                deadLetters,
                line,
                settings.leaseTime(),
                settings.window(),
                loop::wake,
                edges.nanoTime(),
                tokens);
        loop.begin(new GroupShare(context, keys, topics, trimming, answers, settings.closeTimeout(), timer));
        StreamPositions positions = new StreamPositions(context, keys, topics, answers);
        return new RedisSubscription(dispatcher, loop, positions, leaveLimit, left);
    }

    private DispatchSettings limits(Subscription subscription) {
        return DispatchSettings.of(subscription, settings.retryDelay(), settings.window(), settings.closeTimeout())
                .retryingHere();
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        List<RedisSubscription> open;
        synchronized (subscriptions) {
            open = List.copyOf(subscriptions.values());
        }
        List<CompletableFuture<Void>> ended = open.stream()
                .map(each -> CompletableFuture.runAsync(each::close, threads))
                .toList();
        ended.forEach(CompletableFuture::join);
        sendLine.close();
        timer.shutdownNow();
        workers.shutdown();
        threads.shutdown();
        connections.close();
        LOG.info("Redis transport closed instanceName={}", settings.instanceName());
    }
}
