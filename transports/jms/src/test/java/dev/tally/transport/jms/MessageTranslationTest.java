package dev.tally.transport.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import java.util.Map;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.apache.activemq.command.ActiveMQBytesMessage;
import org.apache.activemq.command.ActiveMQTextMessage;
import org.junit.jupiter.api.Test;

class MessageTranslationTest {

    private final JmsSettings settings = JmsSettings.builder(new ActiveMQConnectionFactory("tcp://127.0.0.1:1"))
            .cloudEventSource("/here")
            .build();
    private final MessageTranslation translation = new MessageTranslation(new ClassicDialect(), settings);

    @Test
    void takesTheIdOfAForeignMessageFromItsEventElseFromJms() throws Exception {
        ActiveMQTextMessage plain = new ActiveMQTextMessage();
        plain.setJMSMessageID("ID:host-1:1");
        plain.setJMSType("their type");
        plain.setStringProperty("tally_id", " ");
        plain.setIntProperty("number", 7);
        plain.setStringProperty("tally_encoded", "tally-stored-at=never&%zz=1&a+b=c");
        ActiveMQTextMessage event = new ActiveMQTextMessage();
        event.setJMSMessageID("ID:host-1:2");
        event.setStringProperty("cloudEvents_specversion", "1.0");
        event.setStringProperty("cloudEvents_id", "17");
        event.setStringProperty("cloudEvents_source", "/there");
        event.setStringProperty("cloudEvents_type", "placed");
        event.setStringProperty("JMS_AMQP_ContentType", "text/plain");

        Message first = translation.fromWire(plain, "topic");
        Message second = translation.fromWire(event, "topic");

        assertThat(first.id()).isEqualTo(new MessageId("ID:host-1:1"));
        assertThat(first.type()).isEqualTo("their type");
        assertThat(first.headers().asMap()).containsOnly(Map.entry("number", "7"), Map.entry("a b", "c"));
        assertThat(second.id()).isEqualTo(new MessageId("/there/17"));
        assertThat(second.type()).isEqualTo("placed");
        assertThat(second.headers().get(Headers.CONTENT_TYPE)).isEqualTo("text/plain");
        assertThat(second.headers().get("cloudEvents_id")).isEqualTo("17");
    }

    @Test
    void givesAMessageWithoutAnyIdOneThatIsTheSameAtEachDelivery() throws Exception {
        ActiveMQTextMessage nameless = new ActiveMQTextMessage();
        nameless.setText("text");
        nameless.setJMSTimestamp(5);
        ActiveMQTextMessage other = new ActiveMQTextMessage();
        other.setText("other text");
        other.setJMSTimestamp(5);

        MessageId id = translation.fromWire(nameless, "topic").id();

        assertThat(id).isEqualTo(translation.fromWire(nameless, "topic").id());
        assertThat(id).isNotEqualTo(translation.fromWire(other, "topic").id());
    }

    @Test
    void writesHeadersUnderTheirNamesWhereJmsAllowsThemAndLosesNoOther() throws Exception {
        Map<String, String> headers = Map.of(
                "plain",
                "1",
                "with-dash",
                "2",
                "JMSXGroupID",
                "3",
                "tally_id",
                "4",
                "not",
                "5",
                "AMQ_SCHEDULED_DELAY",
                "6",
                "cloudEvents_id",
                "7",
                Headers.CONTENT_TYPE,
                "application/json",
                "",
                "8",
                "_AMQ_GROUP_ID",
                "9");
        ActiveMQBytesMessage wire = new ActiveMQBytesMessage();
        Message message = new Message(
                new MessageId("m"),
                dev.tally.message.Destination.topic("topic"),
                null,
                "type",
                Headers.of(headers),
                new byte[0]);

        translation.writeProperties(wire, message);
        wire.storeContent();

        assertThat(wire.getStringProperty("plain")).isEqualTo("1");
        assertThat(wire.getStringProperty("JMS_AMQP_ContentType")).isEqualTo("application/json");
        assertThat(wire.getStringProperty("JMSXGroupID")).isNull();
        assertThat(wire.getStringProperty("tally_id")).isEqualTo("m");
        assertThat(wire.propertyExists("AMQ_SCHEDULED_DELAY")).isFalse();
        assertThat(translation.fromWire(wire, "topic").headers().asMap()).isEqualTo(headers);
    }

    @Test
    void knowsWhoseFactoryItIsAndRefusesPools() {
        assertThat(settings.provider()).isEqualTo(JmsProvider.CLASSIC);
        assertThat(JmsProvider.of(new org.apache.activemq.artemis.jms.client.ActiveMQJMSConnectionFactory()))
                .isEqualTo(JmsProvider.ARTEMIS);
        jakarta.jms.ConnectionFactory pool = (jakarta.jms.ConnectionFactory) java.lang.reflect.Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {jakarta.jms.ConnectionFactory.class}, (p, m, a) -> null);
        assertThatThrownBy(() -> JmsSettings.builder(pool))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("of a pool");
    }
}
