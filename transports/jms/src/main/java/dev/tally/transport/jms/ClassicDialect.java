package dev.tally.transport.jms;

import dev.tally.transport.Subscription;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.activemq.ActiveMQConnection;
import org.apache.activemq.ActiveMQMessageConsumer;
import org.apache.activemq.ActiveMQSession;
import org.apache.activemq.command.ActiveMQMessage;
import org.apache.activemq.command.RemoveInfo;
import org.apache.activemq.transport.DefaultTransportListener;
import org.jspecify.annotations.Nullable;

/**
 * ActiveMQ Classic, which has no shared subscriptions: a topic is the virtual topic {@code VirtualTopic.<topic>}, of which
 * each group has the queue {@code Consumer.<group>.VirtualTopic.<topic>}. An ordered group's consumers are exclusive: the
 * broker hands all of its queue to one of them. Its message groups would spread keys over members, but give what a member
 * had in hand to several others, out of order; and it forgets the owner of a key when 1024 others have come.
 */
final class ClassicDialect implements Dialect {

    /** How long a client may take to say good-bye. */
    static final int CLOSE_TIMEOUT_MILLIS = 2_000;

    private static final String VIRTUAL = "VirtualTopic.";

    /** The broker's sequence begins anew with each of its starts, so that its clock has to come first. */
    private static final Comparator<Message> ORDER =
            Comparator.comparingLong(ClassicDialect::brokerInTime).thenComparingLong(ClassicDialect::brokerSequence);

    /** The less comes ahead of what is received, the less there is to be sorted when another member takes over. */
    private static final int WINDOW_TO_PREFETCH = 8;

    ClassicDialect() {}

    @Override
    public int individualAcknowledge() {
        return ActiveMQSession.INDIVIDUAL_ACKNOWLEDGE;
    }

    @Override
    public void acknowledge(Session session, List<Message> messages) throws JMSException {
        for (Message message : messages) {
            message.acknowledge();
        }
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
    public MessageConsumer consume(Connection connection, Session session, Subscription subscription, int window)
            throws JMSException {
        Names topic = Names.ofDestination(subscription.topic());
        String options = "?consumer.prefetchSize=" + Math.max(1, window / WINDOW_TO_PREFETCH);
        if (subscription.broadcast()) {
            return session.createConsumer(session.createTopic(physical(topic) + options));
        }
        return session.createConsumer(session.createQueue(
                queueOf(subscription, topic) + options + (subscription.ordered() ? "&consumer.exclusive=true" : "")));
    }

    private static String queueOf(Subscription subscription, Names topic) {
        return topic.isQueue() ? topic.value() : "Consumer." + onePart(subscription.group()) + '.' + physical(topic);
    }

    /** A group is one part of its queue's name, between two dots. */
    private static String onePart(String group) {
        return group.replace(".", "%2E");
    }

    @Override
    public void remember(ConnectionFactory factory, Subscription subscription, Duration limit) {
        Names topic = Names.ofDestination(subscription.topic());
        // What is sent to a queue of its own creates it; the members of a broadcast get what comes while they are
        // there.
        if (!topic.isQueue() && !subscription.broadcast()) {
            GroupMarker.put(factory, queueOf(subscription, topic), limit);
        }
    }

    @Override
    public boolean isMarker(Message message) throws JMSException {
        return GroupMarker.is(message);
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

    /**
     * {@inheritDoc}
     *
     * <p>The broker counts the deliveries up to the one that it is told, in the order in which it handed them over, if that
     * one is not acknowledged. A consumer that closes names the last that it received, which may be; so this says it instead
     * of the consumer.
     */
    @Override
    public void leave(Connection connection, Session session, MessageConsumer consumer, List<Message> handled)
            throws JMSException {
        if (!(session instanceof ActiveMQSession classic) || !(consumer instanceof ActiveMQMessageConsumer member)) {
            consumer.close();
            return;
        }
        RemoveInfo leaving = new RemoveInfo(member.getConsumerId());
        leaving.setLastDeliveredSequenceId(
                handled.isEmpty() ? RemoveInfo.LAST_DELIVERED_UNSET : brokerSequence(handled.get(handled.size() - 1)));
        classic.syncSendPacket(leaving);
    }

    /** The broker puts what is given back behind what was given back before and has not been fetched since. */
    @Override
    public Optional<Comparator<Message>> orderAtTakeOver() {
        return Optional.of(ORDER);
    }

    private static long brokerInTime(Message message) {
        return message instanceof ActiveMQMessage classic ? classic.getBrokerInTime() : 0;
    }

    private static long brokerSequence(Message message) {
        return message instanceof ActiveMQMessage classic
                ? classic.getMessageId().getBrokerSequenceId()
                : 0;
    }

    @Override
    public @Nullable Instant storedAt(Message message) {
        return message instanceof ActiveMQMessage classic && classic.getBrokerInTime() > 0
                ? Instant.ofEpochMilli(classic.getBrokerInTime())
                : null;
    }
}
