package dev.tally.transport.jms;

import dev.tally.transport.SendOutcome;
import dev.tally.transport.client.SendTimeouts;
import dev.tally.transport.client.TransportThreads;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends messages, in one session and one thread, all that wait in one transaction:
 *
 * <ol>
 *   <li>takes what waits, {@value #BATCH} messages at most;
 *   <li>sends them, for whose confirmations nobody waits within a transaction;
 *   <li>commits, which the broker confirms when all of them are on its disk; meanwhile the next ones gather.
 * </ol>
 *
 * <p>So a disk's write is shared by as many messages as there are, and the order is that of the queue: nothing is sent
 * before the fate of what was sent earlier is known. Where a batch is refused while the connection is good, each of its
 * messages is sent by itself, so that only the culprit fails. Thread-safe.
 */
final class BatchSender {

    private static final Logger LOG = LoggerFactory.getLogger(BatchSender.class);

    private static final int BATCH = 200;
    private static final int CAPACITY = 100_000;
    private static final int PRIORITY = 4;
    private static final int KNOWN_DESTINATIONS = 1_000;

    /** What is sent with, until it breaks. */
    private record Line(
            Connection connection,
            Session session,
            MessageProducer producer,
            Map<Names, Destination> destinations,
            Lost lost) {}

    private final ConnectionFactory factory;
    private final Dialect dialect;
    private final SendTimeouts timeouts;
    private final SendQueue queue = new SendQueue(CAPACITY);
    private final Thread thread;
    private @Nullable Line line;
    private boolean told;

    BatchSender(JmsSettings settings, Dialect dialect, String name) {
        this.factory = settings.connectionFactory();
        this.dialect = dialect;
        this.timeouts = new SendTimeouts(settings.sendTimeout());
        this.thread = TransportThreads.daemon(name, this::run);
    }

    void start() {
        thread.start();
    }

    /** Completes within the time-out, whatever the broker and the client do. */
    CompletableFuture<SendOutcome> send(
            Names destination, PendingSend.@Nullable Lane lane, PendingSend.Content content, String what) {
        CompletableFuture<SendOutcome> outcome = timeouts.watch(new CompletableFuture<>(), what);
        queue.add(new PendingSend(destination, lane, content, what, outcome));
        return outcome;
    }

    private void run() {
        List<PendingSend> batch = queue.take(BATCH);
        while (!batch.isEmpty() || !queue.isClosed()) {
            try {
                send(batch);
            } catch (RuntimeException | Error e) {
                // Nothing that a client throws may end this thread; what it was about is not confirmed.
                LOG.error("Cannot send messages={}, they will be sent again", batch.size(), e);
                fail(batch, e);
                hangUp();
            }
            batch = queue.take(BATCH);
        }
        hangUp();
    }

    private void send(List<PendingSend> batch) {
        if (batch.isEmpty()) {
            return;
        }
        Line open;
        try {
            open = connected();
        } catch (JMSException | JMSRuntimeException e) {
            unreachable(batch, e);
            return;
        }
        List<Message> sent = new ArrayList<>(batch.size());
        try {
            for (PendingSend each : batch) {
                Message wire = each.content().create(open.session());
                open.producer()
                        .send(
                                destination(open, each.destination()),
                                wire,
                                DeliveryMode.PERSISTENT,
                                PRIORITY,
                                Message.DEFAULT_TIME_TO_LIVE);
                sent.add(wire);
            }
            open.session().commit();
        } catch (JMSException | RuntimeException e) {
            refused(open, batch, e);
            return;
        }
        Set<PendingSend.Lane> late = new HashSet<>();
        for (int i = 0; i < batch.size(); i++) {
            if (!batch.get(i).outcome().complete(new SendOutcome.Sent(idOf(sent.get(i))))) {
                SendQueue.add(late, batch.get(i));
            }
        }
        queue.failBehind(late);
    }

    /** Known ones are not asked for: Artemis' client asks its broker about each that is new to it, twice. */
    private Destination destination(Line open, Names name) throws JMSException {
        Destination known = open.destinations().get(name);
        if (known != null) {
            return known;
        }
        if (open.destinations().size() >= KNOWN_DESTINATIONS) {
            open.destinations().clear();
        }
        Destination found = dialect.destination(open.session(), name);
        open.destinations().put(name, found);
        return found;
    }

    private static String idOf(Message sent) {
        try {
            return String.valueOf(sent.getJMSMessageID());
        } catch (JMSException e) {
            return "";
        }
    }

    private void refused(Line open, List<PendingSend> batch, Exception e) {
        if (!isUndone(open)) {
            LOG.warn("The connection for sends broke, messages={} will be sent again: {}", batch.size(), reason(e));
            hangUp();
            fail(batch, e);
            return;
        }
        open.destinations().clear(); // One of them may have gone.
        if (batch.size() == 1) {
            PendingSend only = batch.get(0);
            only.outcome().complete(new SendOutcome.Failed(!isFinal(e), only.what() + ": " + reason(e), e));
            Set<PendingSend.Lane> failed = new HashSet<>();
            SendQueue.add(failed, only);
            queue.failBehind(failed);
            return;
        }
        Set<PendingSend.Lane> failed = new HashSet<>();
        for (PendingSend each : batch) {
            if (each.lane() != null && failed.contains(each.lane())) {
                SendQueue.failBehind(each);
            } else if (!each.isDone()) {
                send(List.of(each));
            }
            if (!(each.outcome().getNow(null) instanceof SendOutcome.Sent)) {
                SendQueue.add(failed, each);
            }
        }
        queue.failBehind(failed);
    }

    /** Whether the session is as before, none of the batch sent. */
    private boolean isUndone(Line open) {
        if (open.lost().isSaid()) {
            return false;
        }
        try {
            open.session().rollback();
            return !open.lost().isSaid();
        } catch (JMSException | JMSRuntimeException e) {
            LOG.debug("cannot roll back, the session is given up", e);
            return false;
        }
    }

    private void unreachable(List<PendingSend> batch, Exception e) {
        if (!told) {
            told = true;
            LOG.warn("Cannot reach the broker, messages={} will be sent again: {}", batch.size(), reason(e));
        }
        hangUp();
        fail(batch, e);
    }

    private void fail(List<PendingSend> batch, Throwable e) {
        Set<PendingSend.Lane> lanes = new HashSet<>();
        for (PendingSend each : batch) {
            each.fail(reason(e) + "; the broker may have it or not", e);
            SendQueue.add(lanes, each);
        }
        queue.failBehind(lanes);
    }

    private Line connected() throws JMSException {
        Line open = line;
        if (open != null && !open.lost().isSaid()) {
            return open;
        }
        hangUp();
        Connection connection = factory.createConnection();
        try {
            Lost lost = new Lost();
            dialect.opened(connection, lost::because);
            Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
            open = new Line(connection, session, session.createProducer(null), new HashMap<>(), lost);
            connection.start();
        } catch (JMSException | JMSRuntimeException e) {
            Connections.closeQuietly(connection);
            throw e;
        }
        line = open;
        if (told) {
            told = false;
            LOG.info("The broker is reached again, sending goes on");
        }
        return open;
    }

    private void hangUp() {
        Line open = line;
        line = null;
        if (open != null) {
            Connections.closeQuietly(open.connection());
        }
    }

    /** Final is only what is wrong with the message itself, or forbidden; a missing topic may be there later. */
    static boolean isFinal(Throwable thrown) {
        return thrown instanceof JMSSecurityException || thrown instanceof MessageFormatException;
    }

    static String reason(Throwable thrown) {
        return thrown.getMessage() == null || thrown.getMessage().isBlank()
                ? thrown.getClass().getSimpleName()
                : thrown.getMessage();
    }

    /** What waits fails; returns when the session is closed, after the time-out at the latest. */
    void close() {
        queue.close();
        try {
            thread.join(timeouts.timeout().toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            LOG.warn("The connection for sends is still busy, it ends with its process");
        }
    }
}
