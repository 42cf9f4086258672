package dev.tally.broker.filter;

import org.jspecify.annotations.Nullable;

/**
 * The properties of one message.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface Properties {

    /** The value of a property, {@code null} where the message has none of that name. */
    @Nullable String get(String name);
}
