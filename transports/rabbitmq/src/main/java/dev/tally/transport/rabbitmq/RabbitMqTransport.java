package dev.tally.transport.rabbitmq;

import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
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
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transport over RabbitMQ, 3.10 or later, by AMQP 0-9-1. Thread-safe.
 *
 * <ul>
 *   <li>A topic is a durable topic exchange of its name, the routing key is the message's key. A group of a topic is a
 *       durable quorum queue {@code <topic>.<group>} that gets all of it; its dead letters are in {@code
 *       <topic>.<group>.dlq}.
 *   <li>A message is sent when a queue has it on the disks of most of its nodes. One that no queue gets fails, or is dropped,
 *       see {@link RabbitMqSettings#unroutable()}: a group gets what is sent after its first subscription.
 *   <li>Order: of a key one message at a time is on its way, and of an ordered group one member at a time is active, which
 *       handles keys in parallel; the others stand by.
 *   <li>Attempts are counted by the broker where a member dies with a message in hand. Retries are made here, with pauses.
 *   <li>The broker may be down when it starts: sends fail and are the relay's to repeat, subscriptions begin when it is there,
 *       and again when it comes back.
 * </ul>
 *
 * @since 0.1
 */
public final class RabbitMqTransport implements Transport {

    private static final Logger LOG = LoggerFactory.getLogger(RabbitMqTransport.class);

    private final RabbitMqSettings settings;
    private final Topology topology;
    private final MessageTranslation translation;
    private final ScheduledExecutorService timer;
    private final ExecutorService workers;
    private final DispatchEdges edges = DispatchEdges.real();
    private final ConfirmedPublisher publisher;
    private final OrderedSender sender;
    private final Set<GroupSubscription> subscriptions = ConcurrentHashMap.newKeySet();

    private final AtomicBoolean closed = new AtomicBoolean();

    /** Starts the transport. The broker need not be reachable yet. */
    public RabbitMqTransport(RabbitMqSettings settings) {
        this.settings = settings;
        this.topology = new Topology(settings.createMissingTopics());
        this.translation = new MessageTranslation(settings, Instant::now);
        this.workers = TransportThreads.unbounded("tally-consume", settings.handlerThreads());
        this.timer = TransportThreads.timer("tally-rabbitmq-timer");
        this.publisher = new ConfirmedPublisher(settings.connections(), topology);
        this.sender = new OrderedSender(publisher, translation, settings);
        LOG.info(
                "RabbitMQ transport started host={} port={} virtualHost={}",
                settings.connections().getHost(),
                settings.connections().getPort(),
                settings.connections().getVirtualHost());
    }

    @Override
    public String name() {
        return "rabbitmq";
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.KEY_ORDER, Capability.BROADCAST, Capability.DELIVERY_COUNT);
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

    /**
     * {@inheritDoc}
     *
     * <p>Waits for the send time-out at most, so that the group's queue is there when this returns and the broker answers.
     */
    @Override
    public ActiveSubscription subscribe(Subscription subscription, BatchHandler handler) {
        QueueNames.requirePossible(subscription);
        TagExpression.of(subscription.tags());
        DispatchSettings limits = DispatchSettings.of(
                        subscription, settings.retryDelay(), settings.window(), settings.closeTimeout())
                // Given back to the broker, a message would come again at once.
                .retryingHere();
        KeyedDispatcher dispatcher = new KeyedDispatcher(limits, handler, workers, timer, edges);
        DeadLetters deadLetters = new DeadLetters(publisher, timer, subscription, settings.sendTimeout());
        GroupSubscription begun = new GroupSubscription(
                subscription,
                dispatcher,
                whenGone -> open(subscription, dispatcher, deadLetters, whenGone),
                workers,
                timer,
                settings.closeTimeout(),
                subscriptions::remove);
        add(begun, subscription);
        begun.begin(settings.sendTimeout());
        return begun;
    }

    private void add(GroupSubscription begun, Subscription subscription) {
        String what = "Cannot subscribe group '" + subscription.group() + "' to topic '" + subscription.topic() + "'";
        synchronized (subscriptions) {
            if (closed.get()) {
                throw new TransportException(what + ": the transport is closed");
            }
            String queue = QueueNames.of(subscription);
            for (GroupSubscription each : subscriptions) {
                Subscription other = each.subscription();
                if (QueueNames.of(other).equals(queue) && !other.topic().equals(subscription.topic())) {
                    throw new TransportException(what + ": its queue '" + queue + "' is also that of group '"
                            + other.group() + "' and topic '" + other.topic() + "'; one of them needs another name");
                }
            }
            subscriptions.add(begun);
        }
    }

    private ConsumingChannel open(
            Subscription subscription, KeyedDispatcher dispatcher, DeadLetters deadLetters, Consumer<String> whenGone)
            throws IOException {
        Link link = Link.open(settings.connections());
        ConsumingChannel consuming = null;
        try {
            if (!subscription.broadcast()) {
                topology.ensureGroup(link, subscription);
            }
            Channel channel = link.createChannel();
            consuming = new ConsumingChannel(
                    link,
                    channel,
                    subscription,
                    translation,
                    dispatcher.open(QueueNames.of(subscription)),
                    deadLetters,
                    whenGone);
            String queue = subscription.broadcast()
                    ? topology.declareBroadcast(link, channel, subscription)
                    : QueueNames.of(subscription);
            consuming.consume(queue, settings.window());
            return consuming;
        } catch (IOException | AlreadyClosedException e) {
            if (consuming == null) {
                link.close();
            } else {
                consuming.close();
            }
            throw e;
        }
    }

    @Override
    public void close() {
        List<GroupSubscription> open;
        synchronized (subscriptions) {
            if (!closed.compareAndSet(false, true)) {
                return;
            }
            open = List.copyOf(subscriptions);
        }
        // All at once, so that together they take no longer than one.
        List<Thread> closing = open.stream()
                .map(each -> BoundedWork.started("tally-rabbitmq-close", each::close))
                .toList();
        closing.forEach(each -> BoundedWork.join(each, settings.closeTimeout().multipliedBy(2)));
        publisher.close(settings.closeTimeout());
        timer.shutdownNow();
        workers.shutdown();
        LOG.info("RabbitMQ transport closed host={}", settings.connections().getHost());
    }
}
