package dev.tally.transport.jms;

import dev.tally.transport.Subscription;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What differs between the providers. Thread-safe; sessions are used by their own thread only. */
interface Dialect {

    /** The acknowledge mode in which a message is acknowledged without those before it. */
    int individualAcknowledge();

    /** Acknowledges these messages of {@code session}, and no others. */
    void acknowledge(Session session, List<Message> messages) throws JMSException;

    /** Whether the broker keeps a message back until it is due. */
    boolean delays();

    /** Lets the broker keep a message back until {@code dueMillis} since 1970; nothing where it cannot. */
    void delay(Message message, long dueMillis) throws JMSException;

    /** Where messages to a topic go. */
    Destination destination(Session session, Names topic) throws JMSException;

    /**
     * Joins a subscription's group, or for a broadcast begins a consumer of its own. An ordered group is joined so that the
     * broker hands all of it to one member at a time.
     *
     * @param window messages that may be here and not acknowledged
     * @throws dev.tally.transport.TransportException if the broker has the group in a way that cannot work
     */
    MessageConsumer consume(Connection connection, Session session, Subscription subscription, int window)
            throws JMSException;

    /**
     * Makes the broker remember a group that was just joined, also over a crash. Does not fail: a group that it cannot be
     * made to remember is logged.
     *
     * @param factory for a connection of its own
     * @param limit how long it may take
     */
    void remember(ConnectionFactory factory, Subscription subscription, Duration limit);

    /** Whether a message of a group's is none, but was sent for {@link #remember}. */
    boolean isMarker(Message message) throws JMSException;

    /**
     * Told once a connection has opened.
     *
     * @param lost to be told that it broke, also where the client itself repairs it: what was delivered before comes again
     */
    void opened(Connection connection, Consumer<String> lost) throws JMSException;

    /**
     * Closes a consumer of {@code session}, and gives back what it has not acknowledged.
     *
     * @param handled of those the ones whose delivery counts, in the order in which they came
     */
    void leave(Connection connection, Session session, MessageConsumer consumer, List<Message> handled)
            throws JMSException;

    /**
     * Where what former members gave back may come out of order, before all else, when this member takes an ordered group
     * over: the order to bring it into. Empty where the broker does.
     */
    Optional<Comparator<Message>> orderAtTakeOver();

    /** When the broker stored a message, by its own clock; {@code null} where it does not say. */
    @Nullable Instant storedAt(Message message) throws JMSException;
}
