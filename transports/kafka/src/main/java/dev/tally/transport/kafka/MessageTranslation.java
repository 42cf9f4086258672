package dev.tally.transport.kafka;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.client.UnsendableMessageException;
import dev.tally.transport.wire.CloudEventAttributes;
import dev.tally.transport.wire.WireNames;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/**
 * Tally's message as a Kafka record and back. Thread-safe.
 *
 * <p>The key is the record's key and the payload its value; everything else is a header in UTF-8: id, type and tag by the
 * names in {@link WireNames}, the content type by {@value #CONTENT_TYPE}, those of a CloudEvent with {@code ce_}, and the
 * message's own by their names.
 */
final class MessageTranslation {

    /** The name that CloudEvents' binding and others have for it. */
    /** In messages for people. */
    static final String PRODUCT = "Kafka";

    static final String CONTENT_TYPE = "content-type";

    /** Times that the transport does not keep, and what has a name of its own in a record. */
    private static final Set<String> NEVER_HEADERS = Set.of(Headers.DELAY, Headers.DELIVER_AT, Headers.CONTENT_TYPE);

    private final long maxRecordBytes;
    private final CloudEventAttributes cloudEvents;

    /**
     * @param maxRecordBytes the largest record that the producer takes
     * @param cloudEventSource {@code null} for none
     */
    MessageTranslation(long maxRecordBytes, @Nullable String cloudEventSource) {
        this.maxRecordBytes = maxRecordBytes;
        this.cloudEvents = new CloudEventAttributes("ce_", cloudEventSource);
    }

    /** What Kafka can never carry; empty where nothing is known against a message. */
    Optional<String> refusal(Message message) {
        return UnsendableMessageException.refusal(message, this::toWire);
    }

    /**
     * @throws UnsendableMessageException if Kafka cannot carry it
     */
    ProducerRecord<byte[], byte[]> toWire(Message message) {
        String topic = message.destination().topic();
        TopicNames.fault(topic).ifPresent(fault -> {
            throw refused(message, fault);
        });
        WireHeaders headers = new WireHeaders();
        headers.put(WireNames.ID, message.id().value());
        headers.put(WireNames.TYPE, message.type());
        String tag = message.destination().tag();
        if (tag != null) {
            headers.put(WireNames.TAG, tag);
        }
        Map<String, String> own = message.headers().asMap();
        String contentType = own.get(Headers.CONTENT_TYPE);
        if (contentType != null) {
            headers.put(CONTENT_TYPE, contentType);
        }
        boolean attributesOfItsOwn = false;
        for (String name : own.keySet()) {
            attributesOfItsOwn |= cloudEvents.isWritten(name);
        }
        if (!attributesOfItsOwn) {
            cloudEvents.of(message).forEach(headers::put);
        }
        own.forEach((name, value) -> {
            if (!NEVER_HEADERS.contains(name)) {
                headers.putOwn(name, value);
            }
        });
        String key = message.key();
        headers.broken()
                .or(() -> Optional.ofNullable(key).filter(Utf8::isBroken).map(text -> "its key"))
                .ifPresent(what -> {
                    throw refused(message, what + " has half of a surrogate pair, which UTF-8 does not have");
                });
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                topic, null, null, key == null ? null : Utf8.bytes(key), message.payload(), headers.list());
        long size = RecordSize.of(record);
        if (size > maxRecordBytes) {
            throw refused(
                    message,
                    "with its key and headers it takes " + size
                            + " bytes, the limit is the producer's max.request.size=" + maxRecordBytes);
        }
        return record;
    }

    ReceivedMessage fromWire(ConsumerRecord<byte[], byte[]> record) {
        Map<String, String> headers = WireHeaders.read(record.headers());
        String given = headers.remove(WireNames.ID);
        boolean ours = given != null && MessageId.isPossible(given);
        Message message = new Message(
                ours ? new MessageId(given) : foreignId(record, headers),
                new Destination(record.topic(), headers.remove(WireNames.TAG)),
                record.key() == null ? null : Utf8.text(record.key()),
                type(headers),
                Headers.of(handlersHeaders(headers, ours ? given : null)),
                record.value() == null ? new byte[0] : record.value());
        return new ReceivedMessage(message, 1, storedAt(record, ours));
    }

    /** The same name as listeners' records have for the guard, so that both take a message for the same. */
    private MessageId foreignId(ConsumerRecord<byte[], byte[]> record, Map<String, String> headers) {
        return cloudEvents
                .idOf(reading(headers))
                .orElseGet(() -> MessageId.ofForeign(
                        record.topic() + "-" + record.partition() + "-" + record.offset() + "@" + record.timestamp()));
    }

    private String type(Map<String, String> headers) {
        String type = headers.remove(WireNames.TYPE);
        return type == null ? cloudEvents.typeOf(reading(headers)).orElse("") : type;
    }

    @SuppressWarnings("NullAway") // It does not see that the operator may answer null.
    private static UnaryOperator<String> reading(Map<String, String> headers) {
        return headers::get;
    }

    /** @param id of a message that Tally sent, {@code null} for those of others */
    private Map<String, String> handlersHeaders(Map<String, String> headers, @Nullable String id) {
        headers.remove(WireNames.KEY);
        headers.remove(Headers.DELAY);
        headers.remove(Headers.DELIVER_AT);
        if (id == null) {
            // Written by somebody else, who may mean anything by it.
            headers.remove(Headers.STORED_AT);
        } else if (id.equals(headers.get("ce_id"))) {
            headers.keySet().removeIf(cloudEvents::isWritten);
        }
        String contentType = headers.remove(CONTENT_TYPE);
        if (contentType != null) {
            headers.put(Headers.CONTENT_TYPE, contentType);
        }
        return id == null ? headers : WireHeaders.decode(headers);
    }

    /**
     * The brokers' time where they write it. Otherwise it is the producer's: what Tally sent was stored a moment later, but
     * others may set any time, such as that of a measurement.
     */
    private static @Nullable Instant storedAt(ConsumerRecord<byte[], byte[]> record, boolean ours) {
        boolean known = record.timestampType() == TimestampType.LOG_APPEND_TIME
                || (ours && record.timestampType() == TimestampType.CREATE_TIME);
        return known && record.timestamp() > 0 ? Instant.ofEpochMilli(record.timestamp()) : null;
    }

    private static UnsendableMessageException refused(Message message, String reason) {
        return new UnsendableMessageException(message, PRODUCT, reason);
    }
}
