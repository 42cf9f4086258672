package dev.tally.message;

import tools.jackson.databind.JsonNode;

/**
 * Makes a payload of an earlier time into one that the present classes read: messages wait in tables, brokers and dead
 * letters longer than a release. Define a bean for each step.
 *
 * <p>Steps are taken on the consuming side, before the payload is decoded, and never on the sending side: what was stored
 * with a transaction is what leaves. From the message's type, each step is taken whose {@link #from} is the type that
 * the steps before have made of it, in the order of the beans, until the handler takes the type. A step that keeps the type
 * ({@code from} equal to {@code to}) corrects a payload whose type kept its name; it is taken once for a message, also
 * where the handler takes that type.
 *
 * <p>Steps that lead back to a type end the start-up. Implementations are thread-safe.
 *
 * @since 0.1
 */
public interface PayloadUpcaster {

    /** The logical name of the type that it reads, see {@link MessageTypes}. */
    String from();

    /** The logical name of the type that it makes. */
    String to();

    /**
     * Whether a payload is one of those that it reads, for types whose name was kept while they changed.
     *
     * @param payload not to be changed
     */
    default boolean appliesTo(JsonNode payload, Headers headers) {
        return true;
    }

    /**
     * Makes the later payload. Whatever it throws dead-letters the message at once, with the reason.
     *
     * @param payload its own copy: it may be changed and given back
     */
    JsonNode upcast(JsonNode payload, Headers headers);
}
