package dev.tally.transport.rocketmq;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.transport.client.UnsendableMessageException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.rocketmq.client.Validators;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.common.message.MessageConst;
import org.apache.rocketmq.common.message.MessageExt;
import org.jspecify.annotations.Nullable;

/**
 * Tally's message as a RocketMQ message and back.
 *
 * <p>The id, type and key are the properties {@value #ID}, {@value #TYPE} and {@value #KEY}; headers are properties of
 * their own names (see {@link WireProperties}); id and key are also RocketMQ's look-up keys, and the tag its tag.
 * RocketMQ refuses an empty body, so an empty payload travels as one byte and is marked by {@value #EMPTY}.
 */
final class MessageTranslation {

    /** In messages for people. */
    static final String PRODUCT = "RocketMQ";

    static final String ID = "tally-id";
    static final String TYPE = "tally-type";
    static final String KEY = "tally-key";
    static final String EMPTY = "tally-empty";
    static final String TRANSACTION = "tally-tx";

    private static final Set<String> OWN = Set.of(ID, TYPE, KEY, EMPTY, TRANSACTION);

    private final int maxMessageBytes;

    MessageTranslation(int maxMessageBytes) {
        this.maxMessageBytes = maxMessageBytes;
    }

    /**
     * @throws UnsendableMessageException if RocketMQ cannot carry it
     */
    org.apache.rocketmq.common.message.Message toWire(Message message, @Nullable String transactionId) {
        String topic = message.destination().topic();
        requireSendableTopic(message, topic);
        requireSize(message);
        byte[] payload = message.payload();
        boolean empty = payload.length == 0;
        var wire = new org.apache.rocketmq.common.message.Message(topic, empty ? new byte[] {0} : payload);
        Map<String, String> properties = new LinkedHashMap<>(message.headers().asMap());
        String delay = properties.remove(Headers.DELAY);
        String deliverAt = properties.remove(Headers.DELIVER_AT);
        if (deliverAt != null) {
            boolean fromCommit = delay != null && transactionId != null;
            writeDelay(wire, message, fromCommit ? delay : deliverAt, fromCommit);
        }
        properties.put(ID, message.id().value());
        properties.put(TYPE, message.type());
        if (message.key() != null) {
            properties.put(KEY, message.key());
        }
        if (empty) {
            properties.put(EMPTY, "true");
        }
        if (transactionId != null) {
            properties.put(TRANSACTION, transactionId);
        }
        WireProperties.write(wire, properties);
        writeLookUpKeys(wire, message);
        writeTag(wire, message);
        int size = WireProperties.sizeOf(wire);
        if (size > WireProperties.MAX_PROPERTIES_BYTES) {
            throw refused(
                    message,
                    "its headers, key and type take " + size + " bytes, RocketMQ's limit is "
                            + WireProperties.MAX_PROPERTIES_BYTES);
        }
        return wire;
    }

    Message fromWire(MessageExt wire) {
        Map<String, String> properties = WireProperties.read(wire);
        MessageId id = idOf(properties.get(ID), wire);
        String type = properties.getOrDefault(TYPE, "");
        // A message of another client has only RocketMQ's look-up keys; ours always name the id there.
        String key = properties.containsKey(ID) ? properties.get(KEY) : wire.getKeys();
        if (!properties.containsKey(ID)) {
            // Written by somebody else, who may mean anything by it.
            properties.remove(Headers.STORED_AT);
        }
        byte[] body = wire.getBody();
        boolean empty = body == null || Boolean.parseBoolean(properties.get(EMPTY));
        properties.keySet().removeAll(OWN);
        return new Message(
                id,
                new Destination(wire.getTopic(), wire.getTags()),
                key,
                type,
                Headers.of(properties),
                empty ? new byte[0] : body);
    }

    /** The id that the sender gave, else one that is the same at each delivery. */
    static MessageId idOf(MessageExt wire) {
        return idOf(wire.getUserProperty(ID), wire);
    }

    private static MessageId idOf(@Nullable String given, MessageExt wire) {
        if (given != null && MessageId.isPossible(given)) {
            return new MessageId(given);
        }
        String unique = wire.getProperty(MessageConst.PROPERTY_UNIQ_CLIENT_MESSAGE_ID_KEYIDX);
        if (unique != null && MessageId.isPossible(unique)) {
            return new MessageId(unique);
        }
        return MessageId.ofForeign(wire.getMsgId() + '/' + given + '/' + unique);
    }

    private static void writeLookUpKeys(org.apache.rocketmq.common.message.Message wire, Message message) {
        String key = message.key();
        boolean searchable = key != null && WireProperties.isPlain(key) && key.indexOf(' ') < 0;
        wire.setKeys(
                searchable
                        ? key + MessageConst.KEY_SEPARATOR + message.id()
                        : message.id().value());
    }

    /** A half message's delay counts from its commit, of which the broker learns; other messages are sent after theirs. */
    private static void writeDelay(
            org.apache.rocketmq.common.message.Message wire, Message message, String millis, boolean fromCommit) {
        try {
            if (fromCommit) {
                wire.setDelayTimeMs(Long.parseLong(millis));
            } else {
                wire.setDeliverTimeMs(Long.parseLong(millis));
            }
        } catch (NumberFormatException e) {
            throw refused(message, "its delay '" + millis + "' is no number of milliseconds");
        }
    }

    private static void writeTag(org.apache.rocketmq.common.message.Message wire, Message message) {
        String tag = message.destination().tag();
        if (tag == null) {
            return;
        }
        if (!WireProperties.isPlain(tag) || tag.indexOf('|') >= 0 || !tag.equals(tag.strip())) {
            throw refused(message, "its tag '" + tag + "' is blank, or has a '|', a control character or outer blanks");
        }
        wire.setTags(tag);
    }

    private static void requireSendableTopic(Message message, String topic) {
        try {
            Validators.checkTopic(topic);
            Validators.isNotAllowedSendTopic(topic);
        } catch (MQClientException e) {
            throw refused(message, e.getErrorMessage());
        }
    }

    private void requireSize(Message message) {
        if (message.payload().length > maxMessageBytes) {
            throw refused(
                    message,
                    "its payload has " + message.payload().length + " bytes, the limit maxMessageBytes is "
                            + maxMessageBytes);
        }
    }

    private static UnsendableMessageException refused(Message message, String reason) {
        return new UnsendableMessageException(message, PRODUCT, reason);
    }
}
