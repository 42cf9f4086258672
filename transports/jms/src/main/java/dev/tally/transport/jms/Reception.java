package dev.tally.transport.jms;

import dev.tally.consume.dispatch.DispatchedQueue;
import dev.tally.message.Message;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.Subscription;
import dev.tally.transport.wire.TagExpression;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection with a session and a consumer, from its opening until it breaks or is closed. All of it is used by one thread,
 * which receives and acknowledges in turn; other threads only say what is settled.
 */
final class Reception implements JmsDelivery.Ending {

    private static final Logger LOG = LoggerFactory.getLogger(Reception.class);

    /** For how long acknowledgements wait while messages are handled. */
    private static final long BUSY_MILLIS = 10;

    /** For how long a stop waits where nothing is handled. */
    private static final long IDLE_MILLIS = 250;

    /** For how long nothing comes when all that was given back has come. */
    private static final long QUIET_MILLIS = 300;

    /** For how long what was given back may take to come, while new messages keep coming behind it. */
    private static final Duration TAKE_OVER = Duration.ofSeconds(1);

    private final Consumption consumption;
    private final Connection connection;
    private final Session session;
    private final MessageConsumer consumer;
    private final DispatchedQueue queue;
    private final Lost lost;
    private final Set<JmsDelivery> open = new LinkedHashSet<>();
    private boolean taken;
    private final BlockingQueue<JmsDelivery> consumed = new LinkedBlockingQueue<>();

    private Reception(
            Consumption consumption,
            Connection connection,
            Session session,
            MessageConsumer consumer,
            DispatchedQueue queue,
            Lost lost) {
        this.consumption = consumption;
        this.connection = connection;
        this.session = session;
        this.consumer = consumer;
        this.queue = queue;
        this.lost = lost;
    }

    /**
     * Connects and joins the group.
     *
     * @throws dev.tally.transport.TransportException if the broker has the group in a way that cannot work
     */
    static Reception open(Consumption consumption) throws JMSException {
        Dialect dialect = consumption.dialect();
        Connection connection = consumption.settings().connectionFactory().createConnection();
        try {
            Lost lost = new Lost();
            dialect.opened(connection, lost::because);
            Session session = connection.createSession(false, dialect.individualAcknowledge());
            MessageConsumer consumer = dialect.consume(
                    connection,
                    session,
                    consumption.subscription(),
                    consumption.settings().window());
            dialect.remember(
                    consumption.settings().connectionFactory(),
                    consumption.subscription(),
                    consumption.settings().sendTimeout());
            connection.start();
            DispatchedQueue queue =
                    consumption.dispatcher().open(consumption.subscription().topic());
            return new Reception(consumption, connection, session, consumer, queue, lost);
        } catch (JMSException | RuntimeException e) {
            Connections.closeQuietly(connection);
            throw e;
        }
    }

    /** Receives until the connection breaks, which is thrown, or the subscription is closed. */
    void receive() throws JMSException {
        while (!consumption.isFinished()) {
            lost.check();
            acknowledge();
            if (consumption.isReceiving() && queue.wantsMore()) {
                jakarta.jms.Message wire = next(open.isEmpty() ? IDLE_MILLIS : BUSY_MILLIS);
                if (wire != null) {
                    for (jakarta.jms.Message each : taken ? List.of(wire) : takeOver(wire)) {
                        arrived(each);
                    }
                }
            } else {
                awaitSettled();
            }
        }
        lost.check();
        acknowledge();
    }

    private jakarta.jms.@Nullable Message next(long millis) throws JMSException {
        jakarta.jms.Message next = consumer.receive(millis);
        while (next != null && consumption.dialect().isMarker(next)) {
            consumption.dialect().acknowledge(session, List.of(next));
            next = consumer.receive(millis);
        }
        return next;
    }

    /**
     * Sorts what former members gave back: all of it comes before what nobody has had yet and as fast as the line has it, so
     * that it is here when enough is here, or nothing more comes, or what comes has to be new.
     */
    private List<jakarta.jms.Message> takeOver(jakarta.jms.Message first) throws JMSException {
        taken = true;
        Optional<Comparator<jakarta.jms.Message>> order = consumption.dialect().orderAtTakeOver();
        Subscription subscription = consumption.subscription();
        if (order.isEmpty() || !subscription.ordered() || subscription.broadcast()) {
            return List.of(first);
        }
        List<jakarta.jms.Message> here = new ArrayList<>(List.of(first));
        // More than one member can have in hand, also if some in turn end while they do this.
        int enough = 2 * consumption.settings().window();
        long end = consumption.nanoTime() + TAKE_OVER.toNanos();
        jakarta.jms.Message next = first;
        while (next != null && here.size() < enough && consumption.nanoTime() - end < 0 && consumption.isReceiving()) {
            lost.check();
            next = next(QUIET_MILLIS);
            if (next != null) {
                here.add(next);
            }
        }
        lost.check();
        here.sort(order.get());
        return here;
    }

    private void awaitSettled() throws JMSException {
        try {
            JmsDelivery next = consumed.poll(BUSY_MILLIS, TimeUnit.MILLISECONDS);
            if (next != null) {
                consumed.add(next);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JMSException("interrupted");
        }
    }

    private void arrived(jakarta.jms.Message wire) throws JMSException {
        ReceivedMessage received;
        try {
            received = received(wire);
        } catch (JMSException | RuntimeException e) {
            // It is there for a person to look at, and comes again to each new member.
            LOG.error(
                    "Cannot read message jmsMessageId={} topic={} group={}: it stays in its queue unacknowledged",
                    wire.getJMSMessageID(),
                    consumption.subscription().topic(),
                    consumption.subscription().group(),
                    e);
            return;
        }
        JmsDelivery delivery = new JmsDelivery(wire, received, this);
        TagExpression tags = consumption.tags();
        if (!tags.matches(received.message().destination().tag())) {
            consumption.dialect().acknowledge(session, List.of(wire));
            return;
        }
        open.add(delivery);
        queue.offer(List.of(delivery));
    }

    private ReceivedMessage received(jakarta.jms.Message wire) throws JMSException {
        Message message = consumption
                .translation()
                .fromWire(wire, consumption.subscription().topic());
        int attempt = Math.max(1, wire.getIntProperty("JMSXDeliveryCount"));
        return new ReceivedMessage(message, attempt, consumption.dialect().storedAt(wire));
    }

    @Override
    public void consumed(JmsDelivery delivery) {
        consumption.begun().forget(delivery.received().message());
        consumed.add(delivery);
    }

    @Override
    public void failed(JmsDelivery delivery, int attempt, String reason) {
        consumption.deadLetter(delivery, attempt, reason, () -> consumed(delivery));
    }

    private void acknowledge() throws JMSException {
        List<JmsDelivery> all = new ArrayList<>();
        consumed.drainTo(all);
        if (all.isEmpty()) {
            return;
        }
        all.forEach(open::remove);
        consumption
                .dialect()
                .acknowledge(session, all.stream().map(JmsDelivery::wire).toList());
    }

    /** The end, after {@link #receive}. What is not acknowledged comes again, to whoever is there. */
    void close(boolean inOrder) {
        var unused = queue.revoke();
        BegunDeliveries begun = consumption.begun();
        List<jakarta.jms.Message> handled = new ArrayList<>();
        for (JmsDelivery delivery : open) {
            Message message = delivery.received().message();
            if (begun.contains(message)) {
                handled.add(delivery.wire());
            }
            begun.forget(message);
        }
        try {
            if (inOrder) {
                consumption.dialect().leave(connection, session, consumer, handled);
            }
        } catch (JMSException | JMSRuntimeException e) {
            LOG.debug("a consumer could not be closed in order", e);
        }
        Connections.closeQuietly(connection);
    }
}
