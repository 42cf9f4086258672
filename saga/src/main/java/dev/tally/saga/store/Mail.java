package dev.tally.saga.store;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that arrived for a saga and could not be taken at once, or was not taken at all.
 *
 * @param id the message's id, or one of its own; unique for its saga
 * @param sagaId the saga
 * @param kind what it is
 * @param name the signal's name, or the step's
 * @param headers of the message
 * @param body its payload
 * @param why why it was not taken, for people; {@code null} for what waits
 * @param at when it arrived
 * @since 0.1
 */
public record Mail(
        String id,
        String sagaId,
        Kind kind,
        String name,
        Map<String, String> headers,
        Body body,
        @Nullable String why,
        Instant at) {

    /** What mail is. */
    public enum Kind {
        /** A reply that waits until the saga can take it. */
        REPLY,

        /** A signal that nobody has waited for yet. */
        SIGNAL,

        /** A reply that changed nothing: late, repeated, or of nobody that is known. For people. */
        STRAY
    }
}
