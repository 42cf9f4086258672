package dev.tally.transport;

import org.jspecify.annotations.Nullable;

/**
 * What became of one message that was sent.
 *
 * @since 0.1
 */
public sealed interface SendOutcome {

    /**
     * The broker has confirmed it, under the broker's durability.
     *
     * @param brokerMessageId the broker's own id, for people
     */
    record Sent(String brokerMessageId) implements SendOutcome {}

    /**
     * It was not confirmed; the broker may have it or not.
     *
     * @param retryable false where sending the same message again cannot succeed (too large, forbidden topic)
     * @param reason for people
     * @param cause what the client threw, if it did
     */
    record Failed(
            boolean retryable, String reason, @Nullable Throwable cause) implements SendOutcome {}
}
