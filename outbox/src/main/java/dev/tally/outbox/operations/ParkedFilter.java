package dev.tally.outbox.operations;

import java.time.Instant;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Which parked rows are meant: those that fit everything that is not {@code null}.
 *
 * @param reason part of the reason or the exception for which sending was given up, in any case
 * @param type the logical name of the payload's type
 * @param topic the topic
 * @param key the key
 * @param from written then or later, by the database's clock
 * @param until written before then
 * @since 0.1
 */
public record ParkedFilter(
        @Nullable String reason,
        @Nullable String type,
        @Nullable String topic,
        @Nullable String key,
        @Nullable Instant from,
        @Nullable Instant until) {

    private static final ParkedFilter ALL = new ParkedFilter(null, null, null, null, null, null);

    /** All parked rows. */
    public static ParkedFilter all() {
        return ALL;
    }

    /** The same, for rows with this in their reason. */
    public ParkedFilter withReason(String part) {
        return new ParkedFilter(part, type, topic, key, from, until);
    }

    /** The same, for messages of this type. */
    public ParkedFilter withType(String name) {
        return new ParkedFilter(reason, name, topic, key, from, until);
    }

    /** The same, for this topic. */
    public ParkedFilter withTopic(String name) {
        return new ParkedFilter(reason, type, name, key, from, until);
    }

    /** The same, for this key. */
    public ParkedFilter withKey(String value) {
        return new ParkedFilter(reason, type, topic, value, from, until);
    }

    /** The same, for rows written from {@code first} on. */
    public ParkedFilter withFrom(Instant first) {
        return new ParkedFilter(reason, type, topic, key, first, until);
    }

    /** The same, for rows written before {@code end}. */
    public ParkedFilter withUntil(Instant end) {
        return new ParkedFilter(reason, type, topic, key, from, end);
    }

    /** Only what is set. */
    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(" ", "[", "]");
        text.setEmptyValue("[all]");
        add(text, "reason", reason);
        add(text, "type", type);
        add(text, "topic", topic);
        add(text, "key", key);
        add(text, "from", from);
        add(text, "until", until);
        return text.toString();
    }

    private static void add(StringJoiner text, String name, @Nullable Object value) {
        if (value != null) {
            text.add(name + "=" + value);
        }
    }
}
