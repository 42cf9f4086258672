package dev.tally.transport.jms;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.time.Duration;
import org.apache.activemq.ActiveMQConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A message that is nobody's, for a group's queue at ActiveMQ Classic. The broker has a queue in memory alone until it stores
 * a message there; KahaDB remembers it from then on. Without one, a broker that is killed forgets the group, and what is
 * sent to the topic before a member is back reaches nobody.
 */
final class GroupMarker {

    /** Only a marker has it. */
    static final String PROPERTY = "tally_marker";

    private static final Logger LOG = LoggerFactory.getLogger(GroupMarker.class);

    private GroupMarker() {}

    /**
     * Lets the broker store a marker, on a connection of its own: a broker whose store is full stops the whole connection
     * that sends, and must not stop one that could empty it. Where it cannot be stored, that is logged, and the group is as
     * it was.
     *
     * @param limit how long the broker may take
     */
    static void put(ConnectionFactory factory, String queue, Duration limit) {
        try {
            put(factory.createConnection(), queue, limit);
        } catch (JMSException | JMSRuntimeException e) {
            LOG.warn(
                    "Cannot store a marker in queue '{}': {}. As long as no message has come there, the broker forgets this"
                            + " group when it is killed, and loses what is sent before a member is back; allow this user to"
                            + " write to the queue, or configure the queue at the broker",
                    queue,
                    BatchSender.reason(e));
        }
    }

    private static void put(Connection connection, String queue, Duration limit) throws JMSException {
        try {
            if (connection instanceof ActiveMQConnection classic) {
                classic.setAlwaysSyncSend(true);
                classic.setCloseTimeout(ClassicDialect.CLOSE_TIMEOUT_MILLIS);
                classic.setSendTimeout(Math.toIntExact(limit.toMillis()));
            }
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            MessageProducer producer = session.createProducer(session.createQueue(queue));
            BytesMessage marker = session.createBytesMessage();
            marker.setBooleanProperty(PROPERTY, true);
            producer.send(marker);
        } finally {
            Connections.closeQuietly(connection);
        }
    }

    static boolean is(Message message) throws JMSException {
        return message.propertyExists(PROPERTY);
    }
}
