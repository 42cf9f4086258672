package dev.tally.transport.jms;

import dev.tally.consume.dispatch.DispatchEdges;
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
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transport over JMS, to ActiveMQ Artemis or ActiveMQ Classic. Thread-safe.
 *
 * <ul>
 *   <li>A group gets what is sent after it has come into being, by its first subscription or by an operator: JMS keeps no
 *       history for groups to come.
 *   <li>Of an ordered group one member is active at a time, the others stand by; its keys are handled in parallel there.
 *       The members of other groups share the messages.
 *   <li>Failed messages are tried again where they are, so that only their key waits.
 *   <li>A topic's name that begins with {@code queue://} is a JMS queue: all its subscribers are one group. Dead letters are
 *       in {@code queue://DLQ.<topic>.<group>}.
 *   <li>Brokers may be down when it starts: sends fail and are the relay's to repeat, subscriptions begin when the broker is
 *       there. So they do when the connection breaks.
 * </ul>
 *
 * @since 0.1
 */
public final class JmsTransport implements Transport {

    /** In messages for people. */
    private static final String PRODUCT = "JMS";

    private static final Logger LOG = LoggerFactory.getLogger(JmsTransport.class);

    private final JmsSettings settings;
    private final Dialect dialect;
    private final MessageTranslation translation;
    private final BatchSender sender;
    private final ExecutorService workers;
    private final ScheduledExecutorService timer;
    private final Consumption.Shared shared;
    private final Set<Consumption> subscriptions = new LinkedHashSet<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Starts the transport. The broker need not be reachable yet. */
    public JmsTransport(JmsSettings settings) {
        this.settings = settings;
        this.dialect = settings.provider().dialect();
        this.translation = new MessageTranslation(dialect, settings);
        this.sender = new BatchSender(settings, dialect, "tally-jms-send");
        this.workers = TransportThreads.unbounded("tally-consume", settings.handlerThreads());
        this.timer = TransportThreads.timer("tally-jms-timer");
        this.shared = new Consumption.Shared(
                settings,
                dialect,
                translation,
                new DeadLetters(sender, translation),
                workers,
                timer,
                DispatchEdges.real());
        sender.start();
        LOG.info("JMS transport started provider={}", settings.provider());
    }

    @Override
    public String name() {
        return settings.provider().transportName();
    }

    @Override
    public Set<Capability> capabilities() {
        Set<Capability> all = EnumSet.of(Capability.KEY_ORDER, Capability.BROADCAST, Capability.DELIVERY_COUNT);
        if (!maxDelay().isZero()) {
            all.add(Capability.DELAY);
        }
        return all;
    }

    @Override
    public Duration maxDelay() {
        return dialect.delays() ? settings.maxDelay() : Duration.ZERO;
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
        List<CompletableFuture<SendOutcome>> outcomes = new ArrayList<>(messages.size());
        for (Message message : messages) {
            outcomes.add(send(message));
        }
        return outcomes;
    }

    private CompletableFuture<SendOutcome> send(Message message) {
        Optional<String> refusal = translation.refusal(message);
        if (refusal.isPresent()) {
            return CompletableFuture.completedFuture(
                    new UnsendableMessageException(message, PRODUCT, refusal.get()).outcome());
        }
        String topic = message.destination().topic();
        String key = message.key();
        return sender.send(
                Names.ofDestination(topic),
                key == null ? null : new PendingSend.Lane(topic, key),
                session -> translation.toWire(session, message),
                UnsendableMessageException.attempt(message, PRODUCT));
    }

    /**
     * {@inheritDoc}
     *
     * <p>Waits for the connection, but no longer than the send time-out; then it goes on in the background.
     */
    @Override
    public ActiveSubscription subscribe(Subscription subscription, BatchHandler handler) {
        requirePossible(subscription);
        Consumption consumption = consumption(subscription, handler);
        consumption.start();
        return consumption;
    }

    private Consumption consumption(Subscription subscription, BatchHandler handler) {
        synchronized (subscriptions) {
            if (closed.get()) {
                throw refused(subscription, "the transport is closed");
            }
            Consumption[] made = new Consumption[1];
            made[0] = new Consumption(shared, subscription, handler, () -> {
                synchronized (subscriptions) {
                    subscriptions.remove(made[0]);
                }
            });
            subscriptions.add(made[0]);
            return made[0];
        }
    }

    private static void requirePossible(Subscription subscription) {
        Names topic = Names.ofDestination(subscription.topic());
        topic.fault().or(() -> Names.ofGroup(subscription.group()).fault()).ifPresent(fault -> {
            throw refused(subscription, fault);
        });
        if (topic.isQueue() && subscription.broadcast()) {
            throw refused(subscription, "each message of a queue goes to one consumer, broadcasts need a topic");
        }
    }

    private static TransportException refused(Subscription subscription, String reason) {
        return new TransportException("Cannot subscribe group '" + subscription.group() + "' to JMS topic '"
                + subscription.topic() + "': " + reason);
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        List<Consumption> left;
        synchronized (subscriptions) {
            left = new ArrayList<>(subscriptions);
        }
        // Each may wait for its handlers; together they take no longer than one.
        CompletableFuture.allOf(left.stream()
                        .map(each -> CompletableFuture.runAsync(each::close, this::besides))
                        .toArray(CompletableFuture[]::new))
                .join();
        sender.close();
        timer.shutdownNow();
        workers.shutdown();
        LOG.info("JMS transport closed provider={}", settings.provider());
    }

    private void besides(Runnable work) {
        TransportThreads.daemon("tally-jms-close", work).start();
    }
}
