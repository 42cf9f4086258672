package dev.tally.publish;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A message to publish, its payload not yet encoded.
 *
 * @param destination where it goes
 * @param key the key that orders it, or {@code null}
 * @param payload the payload; a {@link dev.tally.message.EncodedPayload} is published as it is
 * @param headers the user's headers
 * @param delay how long after the commit it may be seen, zero for at once; to the millisecond
 * @param deliverAt when it may be seen, or {@code null} for {@code delay} after the commit
 * @param via how it leaves
 * @since 0.1
 */
public record OutgoingMessage(
        Destination destination,
        @Nullable String key,
        Object payload,
        Headers headers,
        Duration delay,
        @Nullable Instant deliverAt,
        Via via) {

    /** Begins a message to {@code topic}; by default without tag, key and headers, through the outbox. */
    public static Builder to(String topic) {
        return new Builder(topic);
    }

    /** Collects the optional parts of a message. Not thread-safe. */
    public static final class Builder {

        private final String topic;
        private final Map<String, String> headers = new LinkedHashMap<>();
        private @Nullable String tag;
        private @Nullable String key;
        private @Nullable Object payload;
        private Duration delay = Duration.ZERO;
        private @Nullable Instant deliverAt;
        private Via via = Via.OUTBOX;

        private Builder(String topic) {
            this.topic = topic;
        }

        /** A tag that consumers can filter by; none by default. */
        public Builder tag(@Nullable String tag) {
            this.tag = tag;
            return this;
        }

        /** The key that orders the message; none by default. */
        public Builder key(@Nullable String key) {
            this.key = key;
            return this;
        }

        /** The payload; required. */
        public Builder payload(Object payload) {
            this.payload = payload;
            return this;
        }

        /**
         * A header.
         *
         * @throws IllegalArgumentException for a name that Tally has reserved
         */
        public Builder header(String name, String value) {
            if (name.startsWith(Headers.RESERVED_PREFIX)) {
                throw new IllegalArgumentException("Cannot set header '" + name + "' on a message to '" + topic
                        + "': names that begin with '" + Headers.RESERVED_PREFIX + "' are Tally's own");
            }
            headers.put(name, value);
            return this;
        }

        /**
         * How long after the commit the message may be seen; at once by default. Instead of {@link #deliverAt}. It has no
         * order with other messages of its key.
         *
         * <p>Through the outbox any delay is possible, with any broker. A half message is delayed by the broker alone, whose
         * limit it has (RocketMQ: 3 days, Tally's broker: 100 years).
         *
         * @throws IllegalArgumentException for less than zero
         */
        public Builder delay(Duration delay) {
            if (delay.isNegative()) {
                throw new IllegalArgumentException(
                        "Cannot delay a message to '" + topic + "' by " + delay + ": that is less than zero");
            }
            this.delay = delay;
            this.deliverAt = null;
            return this;
        }

        /** When the message may be seen, to the millisecond; in the past: at once. Otherwise as {@link #delay}. */
        public Builder deliverAt(Instant deliverAt) {
            this.deliverAt = deliverAt;
            this.delay = Duration.ZERO;
            return this;
        }

        /** How the message leaves; {@link Via#OUTBOX} by default. */
        public Builder via(Via via) {
            this.via = via;
            return this;
        }

        /** The message. */
        public OutgoingMessage build() {
            return new OutgoingMessage(
                    new Destination(topic, tag),
                    key,
                    Objects.requireNonNull(payload, () -> "Cannot publish to '" + topic + "': there is no payload"),
                    Headers.of(headers),
                    delay,
                    deliverAt,
                    via);
        }
    }
}
