package dev.tally.transport.jms;

import dev.tally.transport.Subscription;
import dev.tally.transport.TransportException;
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
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.FailoverEventType;
import org.apache.activemq.artemis.api.jms.ActiveMQJMSConstants;
import org.apache.activemq.artemis.jms.client.ActiveMQConnection;
import org.apache.activemq.artemis.jms.client.ActiveMQDestination;
import org.apache.activemq.artemis.jms.client.ActiveMQMessage;
import org.apache.activemq.artemis.jms.client.ActiveMQSession;
import org.jspecify.annotations.Nullable;

/**
 * ActiveMQ Artemis: a group is a shared durable subscription of the topic, {@code <group>:<topic>}.
 *
 * <p>An ordered group's queue is exclusive: one consumer has all of it, and when it goes, its messages are back in their
 * order before the next one begins. Artemis' message groups would spread keys over members, but a key is let go while what
 * its member had in hand is still on its way back, so that later messages could overtake it. In other groups they are
 * switched off: the broker would remember each key for as long as its member stays.
 */
final class ArtemisDialect implements Dialect {

    private static final String INGRESS_TIMESTAMP = "_AMQ_INGRESS_TIMESTAMP";

    // How a queue is made that is not there yet.
    private static final String ORDERED = "?exclusive=true";
    private static final String UNORDERED = "?group-buckets=0";

    ArtemisDialect() {}

    @Override
    public int individualAcknowledge() {
        return ActiveMQJMSConstants.INDIVIDUAL_ACKNOWLEDGE;
    }

    /** One write to the journal for all of them; each by itself would be one for each. */
    @Override
    public void acknowledge(Session session, List<Message> messages) throws JMSException {
        if (!(session instanceof ActiveMQSession artemis)) {
            for (Message message : messages) {
                message.acknowledge();
            }
            return;
        }
        try {
            acknowledgeWithoutCommit(messages);
            artemis.getCoreSession().commit(false);
        } catch (ActiveMQException e) {
            throw failed("messages cannot be acknowledged", e);
        }
    }

    private static void acknowledgeWithoutCommit(List<Message> messages) throws ActiveMQException {
        for (Message message : messages) {
            if (message instanceof ActiveMQMessage ours) {
                ours.getCoreMessage().individualAcknowledge();
            }
        }
    }

    private static JMSException failed(String what, ActiveMQException cause) {
        JMSException failed = new JMSException(what + ": " + cause.getMessage());
        failed.initCause(cause);
        return failed;
    }

    @Override
    public boolean delays() {
        return true;
    }

    /** The client takes it as it is; the producer's own delay would need this machine's clock. */
    @Override
    public void delay(Message message, long dueMillis) throws JMSException {
        message.setJMSDeliveryTime(dueMillis);
    }

    @Override
    public Destination destination(Session session, Names topic) throws JMSException {
        return topic.isQueue() ? session.createQueue(topic.value()) : session.createTopic(topic.value());
    }

    @Override
    public MessageConsumer consume(Connection connection, Session session, Subscription subscription, int window)
            throws JMSException {
        Names topic = Names.ofDestination(subscription.topic());
        if (subscription.broadcast()) {
            return session.createConsumer(session.createTopic(topic.value()));
        }
        String withOptions = topic.value() + (subscription.ordered() ? ORDERED : UNORDERED);
        String name = subscription.group() + ':' + topic.value();
        MessageConsumer consumer = topic.isQueue()
                ? session.createConsumer(session.createQueue(withOptions))
                : session.createSharedDurableConsumer(session.createTopic(withOptions), name);
        if (subscription.ordered() && session instanceof ActiveMQSession artemis) {
            SimpleString queue = topic.isQueue()
                    ? SimpleString.of(topic.value())
                    : ActiveMQDestination.createQueueNameForSubscription(true, connection.getClientID(), name);
            requireExclusive(artemis, queue, subscription);
        }
        return consumer;
    }

    private static void requireExclusive(ActiveMQSession session, SimpleString queue, Subscription subscription)
            throws JMSException {
        try {
            ClientSession.QueueQuery found = session.getCoreSession().queueQuery(queue);
            if (found.isExists() && !Boolean.TRUE.equals(found.isExclusive())) {
                throw new TransportException("Cannot subscribe ordered group '" + subscription.group() + "' to topic '"
                        + subscription.topic() + "': its queue '" + queue + "' is there and not exclusive, so that"
                        + " Artemis would hand the messages of one key to several members; make it exclusive"
                        + " (updateQueue), or delete it once it is empty");
            }
        } catch (ActiveMQException e) {
            throw failed("the queue " + queue + " cannot be looked up", e);
        }
    }

    /** A durable subscription is on its disk once it was made. */
    @Override
    public void remember(ConnectionFactory factory, Subscription subscription, Duration limit) {}

    @Override
    public boolean isMarker(Message message) {
        return false;
    }

    @Override
    public void opened(Connection connection, Consumer<String> lost) throws JMSException {
        connection.setExceptionListener(e -> lost.accept(String.valueOf(e.getMessage())));
        if (connection instanceof ActiveMQConnection artemis) {
            artemis.setFailoverListener(event -> {
                if (event == FailoverEventType.FAILURE_DETECTED) {
                    lost.accept("the client has lost its broker and looks for it");
                }
            });
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>A consumer that closes takes the delivery of all it has back, with its count. Acknowledged and rolled back, it
     * counts. The connection is stopped before, so that nothing of it comes here again.
     */
    @Override
    public void leave(Connection connection, Session session, MessageConsumer consumer, List<Message> handled)
            throws JMSException {
        if (session instanceof ActiveMQSession artemis) {
            connection.stop();
            try {
                acknowledgeWithoutCommit(handled);
                artemis.getCoreSession().rollback();
            } catch (ActiveMQException e) {
                throw failed("what was in hand cannot be given back", e);
            }
        }
        consumer.close();
    }

    /** The broker puts each message into its place. */
    @Override
    public Optional<Comparator<Message>> orderAtTakeOver() {
        return Optional.empty();
    }

    /** Known where the broker's address settings say {@code enable-ingress-timestamp}. */
    @Override
    public @Nullable Instant storedAt(Message message) throws JMSException {
        return message.getObjectProperty(INGRESS_TIMESTAMP) instanceof Long millis
                ? Instant.ofEpochMilli(millis)
                : null;
    }
}
