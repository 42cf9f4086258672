package dev.tally.transport.jms;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.transport.Subscription;
import dev.tally.transport.Transport;
import dev.tally.transport.jms.server.JmsServer;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.Map;
import org.apache.activemq.artemis.jms.client.ActiveMQMessage;
import org.jspecify.annotations.Nullable;

/** What the suites do with a server of either product. */
final class JmsBroker {

    private final JmsServer server;

    JmsBroker(JmsServer server) {
        this.server = server;
    }

    Transport open(String service) {
        return new JmsTransport(settings(server.connectionFactory())
                .cloudEventSource("/" + service)
                .build());
    }

    static JmsSettings.Builder settings(ConnectionFactory factory) {
        return JmsSettings.builder(factory)
                .sendTimeout(Duration.ofSeconds(20))
                .closeTimeout(Duration.ofSeconds(1))
                .firstRetryDelay(Duration.ofMillis(200));
    }

    /** As the first member of a group does. */
    void createGroup(String topic, String group, boolean ordered) {
        try (Transport member = open("first-member")) {
            member.subscribe(new Subscription(topic, group, "*", 1, ordered, 3), batch -> {
                throw new IllegalStateException("Nothing has been sent yet");
            });
        }
    }

    static String deadLetterTopic(String topic, String group) {
        return "queue://DLQ." + topic + "." + group;
    }

    static Message tooLarge(String topic) {
        return new Message(
                new MessageId("large"), Destination.topic(topic), null, "t", Headers.empty(), new byte[5_000_000]);
    }

    /** By the client of the product; headers that it does not take, as they come from clients of other protocols. */
    void sendForeign(String topic, @Nullable String key, Map<String, String> headers, byte[] payload) {
        sendForeign(topic, session -> foreign(session, key, headers, payload));
    }

    /** The same with any content. */
    void sendForeign(String topic, PendingSend.Content content) {
        try (Connection connection = server.connectionFactory().createConnection()) {
            Session session = connection.createSession();
            send(session, topic, content.create(session));
        } catch (JMSException e) {
            throw new IllegalStateException("Cannot send as somebody else", e);
        }
    }

    private static jakarta.jms.Message foreign(
            Session session, @Nullable String key, Map<String, String> headers, byte[] payload) throws JMSException {
        BytesMessage message = session.createBytesMessage();
        message.writeBytes(payload);
        if (key != null) {
            message.setStringProperty("JMSXGroupID", key);
        }
        for (Map.Entry<String, String> header : headers.entrySet()) {
            String name = header.getKey().startsWith("tally-") ? header.getKey().replace('-', '_') : header.getKey();
            if (message instanceof ActiveMQMessage artemis) {
                artemis.getCoreMessage().putStringProperty(name, header.getValue());
            } else {
                message.setStringProperty(name, header.getValue());
            }
        }
        return message;
    }

    private void send(Session session, String topic, jakarta.jms.Message message) throws JMSException {
        Dialect dialect = JmsProvider.of(server.connectionFactory()).dialect();
        try (MessageProducer producer =
                session.createProducer(dialect.destination(session, Names.ofDestination(topic)))) {
            producer.send(message);
        }
    }
}
