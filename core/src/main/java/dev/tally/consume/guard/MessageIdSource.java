package dev.tally.consume.guard;

import org.jspecify.annotations.Nullable;

/**
 * Knows the ids of one kind of messages that listeners take as a parameter. Define a bean to let guards take a type of
 * yours. Implementations are thread-safe.
 *
 * @param <T> the messages
 * @since 0.1
 */
public interface MessageIdSource<T> {

    /** The messages' type; parameters of its subtypes are taken as well. */
    Class<T> type();

    /**
     * What tells a message from all others.
     *
     * @return {@code null} where it has nothing that is the same whenever it is delivered
     * @throws Exception if it cannot be read
     */
    @Nullable MessageIdentity identityOf(T message) throws Exception;

    /** What a message needs to have an id, for people: {@code set the property messageId when sending}. */
    String remedy();
}
