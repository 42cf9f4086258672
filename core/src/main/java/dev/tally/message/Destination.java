package dev.tally.message;

import org.jspecify.annotations.Nullable;

/**
 * Where a message goes: a topic, and optionally a tag that consumers can filter by.
 *
 * @param topic the topic, never blank
 * @param tag the tag, or {@code null} for none
 * @since 0.1
 */
public record Destination(String topic, @Nullable String tag) {

    public Destination {
        if (topic.isBlank()) {
            throw new IllegalArgumentException("Cannot create a destination: the topic is blank");
        }
    }

    /** The destination {@code topic} without a tag. */
    public static Destination topic(String topic) {
        return new Destination(topic, null);
    }
}
