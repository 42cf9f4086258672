package dev.tally.transport.pulsar;

import dev.tally.consume.dispatch.DispatchEdges;
import dev.tally.consume.dispatch.DispatchSettings;
import dev.tally.consume.dispatch.KeyedDispatcher;
import dev.tally.message.Message;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.BatchHandler;
import dev.tally.transport.Capability;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.SubscriptionPositions;
import dev.tally.transport.Transport;
import dev.tally.transport.TransportException;
import dev.tally.transport.client.TransportThreads;
import dev.tally.transport.client.UnsendableMessageException;
import dev.tally.transport.wire.TagExpression;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.apache.pulsar.client.api.Consumer;
import org.apache.pulsar.client.api.ConsumerBuilder;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.Schema;
import org.apache.pulsar.client.api.SubscriptionInitialPosition;
import org.apache.pulsar.client.api.SubscriptionMode;
import org.apache.pulsar.client.api.SubscriptionType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transport over Apache Pulsar, by a client of the application. Thread-safe.
 *
 * <ul>
 *   <li>Order: messages with one key go to one partition, one after the other, and to one member of a group at a time
 *       ({@code Key_Shared}). It holds as long as the topic keeps its number of partitions.
 *   <li>A message that failed stays with its member until it takes effect or its attempts are used up; they begin again
 *       where the member goes away, since the broker counts no deliveries of lost members.
 *   <li>Dead letters are in the topic {@code <topic>-<group>-DLQ}, with the reason as a property.
 *   <li>Brokers may be down when it starts: sends fail and are the relay's to repeat, subscriptions begin when a broker
 *       answers.
 * </ul>
 *
 * @since 0.1
 */
public final class PulsarTransport implements Transport {

    private static final Logger LOG = LoggerFactory.getLogger(PulsarTransport.class);

    /** Beside the time that running handlers get, for members to notice a move and to subscribe again. */
    private static final Duration NOTICE_LIMIT = Duration.ofSeconds(15);

    private record Membership(String topic, String group) {}

    private final PulsarClient client;
    private final PulsarSettings settings;
    private final TopicNames topics;
    private final MessageTranslation translation;
    private final Producers producers;
    private final OrderedSender sender;
    private final DeadLetters deadLetters;
    private final @Nullable AdminHttp admin;
    private final ScheduledExecutorService timer;
    private final ExecutorService workers;
    private final ExecutorService receivers;
    private final DispatchEdges edges = DispatchEdges.real();
    private final String member;
    private final Map<Membership, LateSubscription> subscriptions = new HashMap<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Creates the transport, which cannot move groups. Nothing is sent or asked for yet.
     *
     * @param client reaches the brokers; not closed with the transport, and to be closed after it
     */
    public PulsarTransport(PulsarClient client, PulsarSettings settings) {
        this(client, settings, null);
    }

    /**
     * Creates the transport. Nothing is sent or asked for yet.
     *
     * @param client reaches the brokers; not closed with the transport, and to be closed after it
     * @param administration by which groups are moved, see {@link Capability#REPLAY}: all members of a group should have
     *     it; {@code null} for none
     * @throws IllegalArgumentException if the authentication for the administration cannot be started
     */
    public PulsarTransport(PulsarClient client, PulsarSettings settings, @Nullable PulsarAdminSettings administration) {
        this.client = client;
        this.settings = settings;
        this.topics = new TopicNames(settings.tenant(), settings.namespace());
        this.translation = new MessageTranslation(topics, settings.maxMessageBytes());
        this.producers = new Producers(client, settings.sendTimeout());
        this.sender = new OrderedSender(producers::send, translation);
        this.deadLetters = new DeadLetters(client, producers, topics, settings.deadLetterSubscription());
        this.member = unique();
        this.admin = administration == null ? null : new AdminHttp(administration);
        this.timer = TransportThreads.timer("tally-pulsar-timer");
        this.workers = TransportThreads.unbounded("tally-consume", settings.handlerThreads());
        this.receivers = TransportThreads.unbounded("tally-pulsar-receive", null);
        LOG.info("Pulsar transport created tenant={} namespace={}", settings.tenant(), settings.namespace());
    }

    @Override
    public String name() {
        return "pulsar";
    }

    /**
     * {@inheritDoc} Without {@link Capability#DELAY} where {@link PulsarSettings#maxDelay()} is zero, and without {@link
     * Capability#REPLAY} where it does not know the brokers' administration.
     */
    @Override
    public Set<Capability> capabilities() {
        Set<Capability> capabilities = EnumSet.of(Capability.KEY_ORDER, Capability.BROADCAST);
        if (!settings.maxDelay().isZero()) {
            capabilities.add(Capability.DELAY);
        }
        if (admin != null) {
            capabilities.add(Capability.REPLAY);
        }
        return Set.copyOf(capabilities);
    }

    @Override
    public Duration maxDelay() {
        return settings.maxDelay();
    }

    @Override
    public Duration redeliveryHorizon() {
        return settings.redeliveryHorizon();
    }

    @Override
    public Optional<String> refusal(Message message) {
        return UnsendableMessageException.refusal(message, translation::toWire);
    }

    @Override
    public List<CompletableFuture<SendOutcome>> send(List<Message> messages) {
        return sender.send(messages);
    }

    @Override
    public ActiveSubscription subscribe(Subscription subscription, BatchHandler handler) {
        String what = "Cannot subscribe group '" + subscription.group() + "' to Pulsar topic '" + subscription.topic()
                + "': ";
        topics.flaw(subscription.topic()).ifPresent(flaw -> {
            throw new TransportException(what + flaw);
        });
        if (subscription.group().isBlank() || subscription.group().indexOf('/') >= 0) {
            throw new TransportException(
                    what + "the group's name is blank or has a slash, and is part of that of its dead letters' topic");
        }
        TagExpression tags = TagExpression.of(subscription.tags());
        Membership membership = new Membership(topics.full(subscription.topic()), subscription.group());
        LateSubscription late = late(subscription, handler, tags, membership);
        synchronized (subscriptions) {
            if (closed.get()) {
                throw new TransportException(what + "the transport is closed");
            }
            if (subscriptions.putIfAbsent(membership, late) != null) {
                throw new TransportException(what + "it is subscribed here already, and would share its messages");
            }
        }
        late.begin();
        return late;
    }

    private LateSubscription late(
            Subscription subscription, BatchHandler handler, TagExpression tags, Membership membership) {
        DispatchSettings limits = DispatchSettings.of(
                        subscription, settings.retryDelay(), settings.window(), settings.closeTimeout())
                // The broker takes back no message alone: the others of its batch would come again, too.
                .retryingHere();
        KeyedDispatcher dispatcher = new KeyedDispatcher(limits, handler, workers, timer, edges);
        Movable movable = movable(subscription);
        return new LateSubscription(
                subscription,
                dispatcher,
                movable.subscribing(),
                (consumer, lost) -> receive(subscription, tags, consumer, dispatcher, movable.moves(), lost),
                () -> {
                    synchronized (subscriptions) {
                        subscriptions.remove(membership);
                    }
                },
                movable.positions(),
                settings.closeTimeout(),
                timer);
    }

    /**
     * What there is to a group, whether or not it can be moved.
     *
     * @param subscribing makes its consumer
     */
    private record Movable(
            Supplier<CompletableFuture<Consumer<byte[]>>> subscribing,
            Reception.Moves moves,
            Optional<SubscriptionPositions> positions) {}

    private Movable movable(Subscription subscription) {
        if (admin == null || subscription.broadcast()) {
            return new Movable(
                    () -> consumer(subscription).subscribeAsync(), (consumer, wanted) -> false, Optional.empty());
        }
        String subject = "group '" + subscription.group() + "' in topic '" + subscription.topic() + "'";
        SubscriptionAdmin own = new SubscriptionAdmin(admin, topics.full(subscription.topic()), subscription.group());
        Duration moveLimit = settings.closeTimeout().plus(NOTICE_LIMIT);
        MoveWatch watch = new MoveWatch(own::mark, moveLimit.plus(NOTICE_LIMIT), edges.nanoTime(), subject);
        GroupMove move = new GroupMove(own, moveLimit, edges.nanoTime(), subject);
        return new Movable(
                () -> watch.subscribing().thenCompose(mark -> consumer(subscription)
                        .properties(new SubscriptionAdmin.Member(member, mark.id()).properties())
                        .startPaused(mark.underWay())
                        .subscribeAsync()),
                watch,
                Optional.of(new CursorPositions(own, move, this::unique, member, subject)));
    }

    private String unique() {
        return Long.toString(edges.random().nextLong() >>> 1, Character.MAX_RADIX);
    }

    private ConsumerBuilder<byte[]> consumer(Subscription subscription) {
        ConsumerBuilder<byte[]> builder = client.newConsumer(Schema.BYTES)
                .topic(topics.full(subscription.topic()))
                .isAckReceiptEnabled(true)
                .receiverQueueSize(Math.max(1, settings.window() / 4));
        if (subscription.broadcast()) {
            // Not exclusive: those would get delayed messages at once.
            return builder.subscriptionName(subscription.group() + "-" + unique())
                    .subscriptionMode(SubscriptionMode.NonDurable)
                    .subscriptionType(SubscriptionType.Key_Shared)
                    .subscriptionInitialPosition(SubscriptionInitialPosition.Latest);
        }
        return builder.subscriptionName(subscription.group())
                .subscriptionType(subscription.ordered() ? SubscriptionType.Key_Shared : SubscriptionType.Shared)
                .subscriptionInitialPosition(SubscriptionInitialPosition.Earliest);
    }

    private Reception receive(
            Subscription subscription,
            TagExpression tags,
            Consumer<byte[]> consumer,
            KeyedDispatcher dispatcher,
            Reception.Moves moves,
            Runnable lost) {
        Semaphore room = new Semaphore(0);
        Settlement settlement =
                new Settlement(subscription, consumer, deadLetters, timer, edges.random(), room::release);
        Reception reception = new Reception(
                subscription,
                tags,
                consumer,
                dispatcher.open(subscription.topic()),
                translation,
                room,
                settlement,
                moves,
                settings.closeTimeout(),
                lost);
        receivers.execute(reception);
        return reception;
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        List<LateSubscription> left;
        synchronized (subscriptions) {
            left = new ArrayList<>(subscriptions.values());
        }
        // Together, so that they wait for their handlers within one limit.
        CompletableFuture.allOf(left.stream()
                        .map(each -> CompletableFuture.runAsync(each::close, receivers))
                        .toArray(CompletableFuture<?>[]::new))
                .join();
        Waiting.within(settings.closeTimeout(), producers.close(), "the producers");
        timer.shutdownNow();
        receivers.shutdown();
        workers.shutdown();
        if (admin != null) {
            admin.close();
        }
        LOG.info("Pulsar transport closed");
    }
}
