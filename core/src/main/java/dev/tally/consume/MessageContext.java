package dev.tally.consume;

import dev.tally.message.Headers;
import dev.tally.message.MessageId;
import org.jspecify.annotations.Nullable;

/**
 * What a handler may want to know besides the payload.
 *
 * @param id the message's id
 * @param topic the topic
 * @param group the group that handles it
 * @param key its key, or {@code null}
 * @param type the logical name of its type
 * @param headers its headers
 * @param attempt which delivery this is, from 1
 * @since 0.1
 */
public record MessageContext(
        MessageId id, String topic, String group, @Nullable String key, String type, Headers headers, int attempt) {}
