package dev.tally.consume.deadletter;

import java.time.Instant;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Which dead letters are meant: those that fit everything that is not {@code null}.
 *
 * @param group the consumer group
 * @param topic the topic
 * @param type the logical name of the payload's type
 * @param key the key
 * @param id the message's id
 * @param reason part of the reason or of the exception's class, in any case
 * @param from dead-lettered then or later, by the database's clock
 * @param until dead-lettered before then
 * @since 0.1
 */
public record DeadLetterFilter(
        @Nullable String group,
        @Nullable String topic,
        @Nullable String type,
        @Nullable String key,
        @Nullable String id,
        @Nullable String reason,
        @Nullable Instant from,
        @Nullable Instant until) {

    private static final DeadLetterFilter ALL = new DeadLetterFilter(null, null, null, null, null, null, null, null);

    /** All dead letters. */
    public static DeadLetterFilter all() {
        return ALL;
    }

    /** The same, of this group. */
    public DeadLetterFilter withGroup(String name) {
        return new DeadLetterFilter(name, topic, type, key, id, reason, from, until);
    }

    /** The same, of this topic. */
    public DeadLetterFilter withTopic(String name) {
        return new DeadLetterFilter(group, name, type, key, id, reason, from, until);
    }

    /** The same, of this type. */
    public DeadLetterFilter withType(String name) {
        return new DeadLetterFilter(group, topic, name, key, id, reason, from, until);
    }

    /** The same, with this key. */
    public DeadLetterFilter withKey(String value) {
        return new DeadLetterFilter(group, topic, type, value, id, reason, from, until);
    }

    /** The same, with this id. */
    public DeadLetterFilter withId(String value) {
        return new DeadLetterFilter(group, topic, type, key, value, reason, from, until);
    }

    /** The same, with this in the reason or the exception's class. */
    public DeadLetterFilter withReason(String part) {
        return new DeadLetterFilter(group, topic, type, key, id, part, from, until);
    }

    /** The same, dead-lettered from {@code first} on. */
    public DeadLetterFilter withFrom(Instant first) {
        return new DeadLetterFilter(group, topic, type, key, id, reason, first, until);
    }

    /** The same, dead-lettered before {@code end}. */
    public DeadLetterFilter withUntil(Instant end) {
        return new DeadLetterFilter(group, topic, type, key, id, reason, from, end);
    }

    /** Only what is set. */
    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(" ", "[", "]");
        text.setEmptyValue("[all]");
        add(text, "group", group);
        add(text, "topic", topic);
        add(text, "type", type);
        add(text, "key", key);
        add(text, "id", id);
        add(text, "reason", reason);
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
