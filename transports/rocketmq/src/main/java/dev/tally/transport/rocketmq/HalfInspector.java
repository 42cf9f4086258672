package dev.tally.transport.rocketmq;

import dev.tally.half.HalfMessagesUnavailableException;
import dev.tally.half.OpenHalf;
import dev.tally.message.MessageId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageConst;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.exception.RemotingException;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.ResponseCode;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks brokers which half messages of the producer group they have undecided. Tally's broker tells. Thread-safe. */
final class HalfInspector {

    /** A request of Tally's broker; RocketMQ's brokers do not know it. */
    static final int LIST_HALF_MESSAGES = 910_001;

    private static final JsonMapper JSON = JsonMapper.shared();

    private final TallyProducer producer;

    HalfInspector(TallyProducer producer) {
        this.producer = producer;
    }

    List<OpenHalf> undecided(int max) {
        String asked = "the name server";
        try {
            List<OpenHalf> open = new ArrayList<>();
            for (Map.Entry<String, String> master : producer.mastersByName().entrySet()) {
                asked = "broker " + master.getKey() + " at " + master.getValue();
                RemotingCommand answer = producer.ask(
                        master.getValue(),
                        LIST_HALF_MESSAGES,
                        Map.of("producerGroup", producer.getProducerGroup(), "max", Integer.toString(max)));
                if (answer.getCode() == ResponseCode.REQUEST_CODE_NOT_SUPPORTED) {
                    throw new HalfListUnsupportedException(asked + " keeps no list of half messages");
                }
                if (answer.getCode() != ResponseCode.SUCCESS) {
                    throw unavailable(
                            asked, "it refuses with code " + answer.getCode() + " " + answer.getRemark(), null);
                }
                read(answer.getBody(), master.getKey(), open);
            }
            return open;
        } catch (RemotingException | MQBrokerException | JacksonException e) {
            throw unavailable(asked, "it does not answer: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable(asked, "interrupted", e);
        }
    }

    private HalfMessagesUnavailableException unavailable(String asked, String reason, @Nullable Exception cause) {
        String text = "Cannot list the undecided half messages of producer group '" + producer.getProducerGroup()
                + "': asked " + asked + ", " + reason;
        return cause == null
                ? new HalfMessagesUnavailableException(text)
                : new HalfMessagesUnavailableException(text, cause);
    }

    static void read(byte[] body, String brokerName, List<OpenHalf> open) {
        for (JsonNode node : JSON.readTree(body).path("halves")) {
            Map<String, String> properties = new HashMap<>();
            node.path("properties")
                    .properties()
                    .forEach(property -> properties.put(
                            property.getKey(), property.getValue().asString("")));
            String id = properties.get(MessageTranslation.ID);
            String transaction = properties.get(MessageTranslation.TRANSACTION);
            if (id == null || transaction == null) {
                continue; // another client's of the same group
            }
            String topic = node.path("topic").asString("");
            MessageId messageId = new MessageId(id);
            open.add(new OpenHalf(
                    messageId,
                    transaction,
                    topic,
                    properties.get(MessageTranslation.KEY),
                    node.path("state").asString("").equals("PARKED"),
                    Instant.ofEpochMilli(node.path("preparedAtMillis").asLong()),
                    node.path("checks").asInt(),
                    half(messageId, topic, brokerName, node, properties)));
        }
    }

    private static RocketMqHalf half(
            MessageId id, String topic, String brokerName, JsonNode node, Map<String, String> properties) {
        SendResult stored = new SendResult(
                SendStatus.SEND_OK,
                properties.get(MessageConst.PROPERTY_UNIQ_CLIENT_MESSAGE_ID_KEYIDX),
                node.path("offsetMessageId").asString(""),
                new MessageQueue(topic, brokerName, 0),
                node.path("position").asLong());
        return new RocketMqHalf(id, new Message(topic, new byte[] {0}), stored);
    }
}
