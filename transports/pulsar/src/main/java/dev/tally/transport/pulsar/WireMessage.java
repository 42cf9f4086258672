package dev.tally.transport.pulsar;

import java.util.Map;
import java.util.OptionalLong;
import org.apache.pulsar.client.api.TypedMessageBuilder;
import org.jspecify.annotations.Nullable;

/**
 * A message as Pulsar carries it. Immutable by agreement, like a message's payload.
 *
 * @param topic its full name
 * @param key what Pulsar routes, batches and compacts by; {@code null} for none
 * @param keyBytes the key instead where it is no text; {@code null} where it is, or where there is none
 * @param properties the names and values beside it
 * @param deliverAt when the broker hands it over, in milliseconds since 1970; empty for at once
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record WireMessage(
        String topic,
        @Nullable String key,
        byte @Nullable [] keyBytes,
        byte[] payload,
        Map<String, String> properties,
        OptionalLong deliverAt) {

    void writeTo(TypedMessageBuilder<byte[]> builder) {
        if (keyBytes != null) {
            builder.keyBytes(keyBytes);
        } else if (key != null) {
            builder.key(key);
        }
        properties.forEach(builder::property);
        deliverAt.ifPresent(builder::deliverAt);
        builder.value(payload);
    }
}
