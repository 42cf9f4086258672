package dev.tally.transport.jms.throughput;

import dev.tally.message.Message;
import dev.tally.testkit.throughput.SendThroughput;
import dev.tally.testkit.throughput.Sender;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.jms.JmsSettings;
import dev.tally.transport.jms.JmsTransport;
import dev.tally.transport.jms.server.ArtemisServer;
import dev.tally.transport.jms.server.ClassicServer;
import dev.tally.transport.jms.server.JmsServer;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Sends to a broker in a process of its own, by the transport or by the bare client, and prints the confirmed messages in a second. */
final class JmsThroughput {

    private static final String TOPIC = "throughput";

    private JmsThroughput() {}

    /** Takes {@code tally} or {@code bare}, a folder, milliseconds of warm-up and of the window, {@code artemis} or {@code activemq}. */
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[1]);
        JmsServer server = arguments[4].equals("artemis") ? ArtemisServer.in(folder) : ClassicServer.in(folder);
        JmsTransport transport =
                new JmsTransport(JmsSettings.builder(server.connectionFactory()).build());
        // A group's durable subscription, for both.
        transport
                .subscribe(
                        new Subscription(TOPIC, "group", "*", 1, true, 1),
                        batch -> Collections.nCopies(batch.size(), new DeliveryOutcome.Later("only the queue counts")))
                .close();
        Sender sender;
        if (arguments[0].equals("tally")) {
            sender = Sender.of(transport);
        } else {
            Connection connection = server.connectionFactory().createConnection();
            connection.start();
            Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
            String topic = arguments[4].equals("artemis") ? TOPIC : "VirtualTopic." + TOPIC;
            MessageProducer producer = session.createProducer(session.createTopic(topic));
            producer.setDeliveryMode(DeliveryMode.PERSISTENT);
            sender = (batch, ended) -> bare(session, producer, batch, ended);
        }
        double perSecond = new SendThroughput(TOPIC, System::nanoTime)
                .perSecond(
                        sender,
                        Duration.ofMillis(Long.parseLong(arguments[2])),
                        Duration.ofMillis(Long.parseLong(arguments[3])));
        System.out.println("confirmed/s=" + perSecond);
        System.out.flush();
        transport.close();
        server.close();
        Runtime.getRuntime().halt(0);
    }

    /** A batch in a transaction, which is how a JMS client gets more than one confirmed at once. */
    private static void bare(
            Session session, MessageProducer producer, List<Message> batch, Consumer<@Nullable String> ended) {
        String failure = null;
        try {
            for (Message message : batch) {
                BytesMessage wire = session.createBytesMessage();
                wire.writeBytes(message.payload());
                wire.setStringProperty("JMSXGroupID", message.key());
                producer.send(wire);
            }
            session.commit();
        } catch (JMSException e) {
            failure = e.toString();
        }
        for (int i = 0; i < batch.size(); i++) {
            ended.accept(failure);
        }
    }
}
