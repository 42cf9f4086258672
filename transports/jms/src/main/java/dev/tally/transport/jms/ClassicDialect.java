package dev.tally.transport.jms;

import dev.tally.transport.Subscription;
import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.apache.activemq.ActiveMQConnection;
import org.apache.activemq.ActiveMQSession;
import org.apache.activemq.command.ActiveMQMessage;
import org.apache.activemq.transport.DefaultTransportListener;
import org.jspecify.annotations.Nullable;

/**
 * ActiveMQ Classic, which has no shared subscriptions: a topic is the virtual topic {@code VirtualTopic.<topic>}, of which
 * each group has the queue {@code Consumer.<group>.VirtualTopic.<topic>}. An ordered group's consumers are exclusive: the
 * broker hands all of its queue to one of them. Its message groups would spread keys over members, but it forgets the owner
 * of a key when 1024 others have come.
 */
final class ClassicDialect implements Dialect {

    private static final String VIRTUAL = "VirtualTopic.";
    private static final int CLOSE_TIMEOUT_MILLIS = 2_000;

    ClassicDialect() {}

    @Override
    public int individualAcknowledge() {
        return ActiveMQSession.INDIVIDUAL_ACKNOWLEDGE;
    }

    @Override
    public boolean delays() {
        return false;
    }

    @Override
    public void delay(Message message, long dueMillis) {
        // Its scheduler is switched off in most brokers, and loses what it has where it is not; the outbox waits
        // instead.
    }

    @Override
    public Destination destination(Session session, Names topic) throws JMSException {
        return topic.isQueue() ? session.createQueue(topic.value()) : session.createTopic(physical(topic));
    }

    private static String physical(Names topic) {
        return topic.value().startsWith(VIRTUAL) ? topic.value() : VIRTUAL + topic.value();
    }

    @Override
    public MessageConsumer consume(Connection connection, Session session, Subscription subscription, int prefetch)
            throws JMSException {
        Names topic = Names.ofDestination(subscription.topic());
        String options = "?consumer.prefetchSize=" + prefetch;
        if (subscription.broadcast()) {
            return session.createConsumer(session.createTopic(physical(topic) + options));
        }
        String queue =
                topic.isQueue() ? topic.value() : "Consumer." + onePart(subscription.group()) + '.' + physical(topic);
        return session.createConsumer(
                session.createQueue(queue + options + (subscription.ordered() ? "&consumer.exclusive=true" : "")));
    }

    /** A group is one part of its queue's name, between two dots. */
    private static String onePart(String group) {
        return group.replace(".", "%2E");
    }

    @Override
    public void opened(Connection connection, Consumer<String> lost) throws JMSException {
        connection.setExceptionListener(e -> lost.accept(String.valueOf(e.getMessage())));
        if (connection instanceof ActiveMQConnection classic) {
            // What comes again after a failover would be taken for a duplicate, and go to the dead letters unseen.
            classic.setCheckForDuplicates(false);
            classic.setCloseTimeout(CLOSE_TIMEOUT_MILLIS);
            classic.addTransportListener(new DefaultTransportListener() {
                @Override
                public void transportInterupted() {
                    lost.accept("the client has lost its broker and looks for it");
                }

                @Override
                public void onException(IOException e) {
                    lost.accept(String.valueOf(e.getMessage()));
                }
            });
        }
    }

    /** The consumer tells its broker itself what it has handed over. */
    @Override
    public void giveBack(Connection connection, Session session, List<Message> handled) {}

    @Override
    public @Nullable Instant storedAt(Message message) {
        return message instanceof ActiveMQMessage classic && classic.getBrokerInTime() > 0
                ? Instant.ofEpochMilli(classic.getBrokerInTime())
                : null;
    }
}
