package dev.tally.transport.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.message.Message;
import dev.tally.testkit.ReceivedMessages;
import dev.tally.testkit.TransportContract;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.Transport;
import dev.tally.transport.TransportException;
import dev.tally.transport.jms.server.JmsServer;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageFormatException;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The contract of transports, at whichever of the two brokers. */
abstract class JmsTransportContract extends TransportContract {

    abstract JmsServer server();

    JmsBroker jms() {
        return new JmsBroker(server());
    }

    @Override
    protected String broker() {
        return server().product();
    }

    @Override
    protected Transport openTransport(String service) {
        return jms().open(service);
    }

    /** Both brokers create what they are asked for. */
    @Override
    protected void createTopic(String topic, int queues) {}

    @Override
    protected void createGroup(String topic, String group, boolean ordered) {
        jms().createGroup(topic, group, ordered);
    }

    @Override
    protected boolean keepsHistory() {
        return false;
    }

    @Override
    protected String deadLetterTopic(String topic, String group) {
        return JmsBroker.deadLetterTopic(topic, group);
    }

    @Override
    protected Message neverTaken(String topic) {
        return JmsBroker.tooLarge(topic);
    }

    @Test
    void readsWhatOtherProducersSendAsTextMapStreamOrObject() {
        String topic = topic("kinds", 1);
        Transport transport = open();
        ReceivedMessages received = subscribe(transport, topic, "kinds", true, 3, deliver());
        jms().sendForeign(topic, session -> session.createTextMessage("Zürich 東京"));
        jms().sendForeign(topic, session -> {
            MapMessage map = session.createMapMessage();
            map.setInt("one", 1);
            return map;
        });
        jms().sendForeign(topic, session -> {
            StreamMessage stream = session.createStreamMessage();
            stream.writeString("a");
            stream.writeLong(2);
            return stream;
        });
        jms().sendForeign(topic, session -> session.createObjectMessage(new ArrayList<>(List.of("never read"))));
        jms().sendForeign(topic, Session::createMessage);

        patiently().until(() -> received.ids().size() >= 5);
        assertThat(received.deliveries())
                .extracting(delivery -> text(delivery.message()))
                .containsExactlyInAnyOrder("Zürich 東京", "one=1\n", "a\n2\n", "", "");
        assertThat(received.ids()).allMatch(id -> id.startsWith("ID:")).doesNotHaveDuplicates();
    }

    @Test
    void keepsTheKindOfAForeignDeadLetterAndSaysWhyItIsOne() throws JMSException {
        String topic = topic("dead-kinds", 1);
        Transport first = open();
        ReceivedMessages received = subscribe(
                first, topic, "dead-kinds", true, 3, message -> new DeliveryOutcome.DeadLetter("what is this?"));
        jms().sendForeign(topic, session -> {
            MapMessage map = session.createMapMessage();
            map.setString("name", "value");
            map.setStringProperty("header", "kept");
            return map;
        });

        String queue = "DLQ." + topic + "." + group("dead-kinds");
        try (Connection connection = server().connectionFactory().createConnection()) {
            connection.start();
            Session session = connection.createSession();
            jakarta.jms.Message dead = session.createConsumer(session.createQueue(queue))
                    .receive(patience().toMillis());
            assertThat(dead).isInstanceOfSatisfying(MapMessage.class, map -> assertThat(getName(map))
                    .isEqualTo("value"));
            assertThat(dead.getStringProperty("tally_id"))
                    .isEqualTo(received.ids().get(0));
            assertThat(dead.getStringProperty("tally_dead_reason")).isEqualTo("what is this?");
            assertThat(dead.getStringProperty("tally_dead_topic")).isEqualTo(topic);
            assertThat(dead.getStringProperty("tally_dead_group")).isEqualTo(group("dead-kinds"));
            assertThat(dead.getStringProperty("header")).isEqualTo("kept");
        }
        first.close();
        ReceivedMessages left = subscribe(open(), topic, "dead-kinds", true, 3, deliver());
        Message next = message(topic, "k", "next");
        send(open(), next);
        patiently().until(() -> !left.ids().isEmpty());
        assertThat(left.ids())
                .as("the original was acknowledged")
                .containsExactly(next.id().value());
    }

    private static String getName(MapMessage map) {
        try {
            return map.getString("name");
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void otherConsumersSeeIdKeyTypeAndTheAttributesOfACloudEvent() throws JMSException {
        String topic = topic("seen", 1);
        Transport transport = open("orders");
        try (Connection connection = server().connectionFactory().createConnection()) {
            Session session = connection.createSession();
            MessageConsumer consumer = session.createConsumer(JmsProvider.of(server().connectionFactory())
                    .dialect()
                    .destination(session, Names.ofDestination(topic)));
            connection.start();
            Message message = message(topic, "key", "payload");
            send(transport, message);

            jakarta.jms.Message seen = consumer.receive(patience().toMillis());
            String id = message.id().value();
            assertThat(seen.getStringProperty("tally_id")).isEqualTo(id);
            assertThat(seen.getStringProperty("JMSXGroupID")).isEqualTo("key");
            assertThat(seen.getJMSType()).isEqualTo("text");
            assertThat(seen.getStringProperty("cloudEvents_id")).isEqualTo(id);
            assertThat(seen.getStringProperty("cloudEvents_source")).isEqualTo("/orders");
            assertThat(seen.getJMSDeliveryMode()).isEqualTo(DeliveryMode.PERSISTENT);
            assertThat(seen.getBody(byte[].class)).isEqualTo("payload".getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void oneRefusedMessageOfATransactionFailsAloneWithWhatIsBehindItOfItsKey() {
        String topic = topic("culprit", 1);
        ReceivedMessages received = subscribe(open(), topic, "culprit", true, 3, deliver());
        JmsSettings settings = JmsBroker.settings(server().connectionFactory()).build();
        Dialect dialect = settings.provider().dialect();
        MessageTranslation translation = new MessageTranslation(dialect, settings);
        BatchSender sender = new BatchSender(settings, dialect, "sender");
        PendingSend.Lane bad = new PendingSend.Lane(topic, "bad");
        PendingSend.Lane good = new PendingSend.Lane(topic, "good");
        List<Message> messages = List.of(
                message(topic, "good", "1"),
                message(topic, "bad", "2"),
                message(topic, "bad", "3"),
                message(topic, "good", "4"));

        // All of them wait when it starts, and so are one transaction.
        List<CompletableFuture<SendOutcome>> outcomes = new ArrayList<>();
        for (Message each : messages) {
            outcomes.add(sender.send(
                    Names.ofDestination(topic),
                    "bad".equals(each.key()) ? bad : good,
                    session -> {
                        if (text(each).equals("2")) {
                            throw new MessageFormatException("not this one");
                        }
                        return translation.toWire(session, each);
                    },
                    "Cannot send"));
        }
        sender.start();

        assertThat(outcomes.get(0).join()).isInstanceOf(SendOutcome.Sent.class);
        assertThat(outcomes.get(1).join())
                .isInstanceOfSatisfying(SendOutcome.Failed.class, failed -> assertThat(failed.retryable())
                        .isFalse());
        assertThat(outcomes.get(2).join())
                .isInstanceOfSatisfying(SendOutcome.Failed.class, failed -> assertThat(failed.retryable())
                        .isTrue());
        assertThat(outcomes.get(3).join()).isInstanceOf(SendOutcome.Sent.class);
        patiently().until(() -> received.ids().size() == 2);
        sender.close();
    }

    @Test
    void refusesNamesThatMeanSomethingElseToTheBroker() {
        Transport transport = open();

        assertThat(transport.refusal(message("orders.*", "k", "x")))
                .hasValueSatisfying(reason -> assertThat(reason).contains("orders.*"));
        assertThatThrownBy(() -> transport.subscribe(
                        new Subscription("orders", "a?consumer.exclusive=true", "*", 1, true, 3), batch -> List.of()))
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("a?consumer");
        assertThatThrownBy(() -> transport.subscribe(
                        new Subscription("queue://orders", "a", "*", 1, true, 3).toEachMember(), batch -> List.of()))
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("queue");
    }
}
