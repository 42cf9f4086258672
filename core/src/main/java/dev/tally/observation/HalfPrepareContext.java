package dev.tally.observation;

import io.micrometer.observation.Observation;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is known of half messages that a commit waits for.
 *
 * @since 0.1
 */
public final class HalfPrepareContext extends Observation.Context {

    private final String messagingSystem;
    private final String transactionId;
    private final int messages;
    private volatile @Nullable Outcome outcome;

    /** How the wait can end. */
    public enum Outcome {
        /** The broker has the half messages. */
        PREPARED,
        /** It did not take them in time; they go another way. */
        FELL_BACK,
        /** It did not take them, and the transaction rolls back. */
        FAILED;

        String value() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    HalfPrepareContext(String messagingSystem, String transactionId, int messages) {
        this.messagingSystem = messagingSystem;
        this.transactionId = transactionId;
        this.messages = messages;
    }

    void end(Outcome reached) {
        outcome = reached;
    }

    /** The transport's name. */
    public String messagingSystem() {
        return messagingSystem;
    }

    /** The local transaction, as the ledger knows it. */
    public String transactionId() {
        return transactionId;
    }

    /** How many half messages it has. */
    public int messages() {
        return messages;
    }

    /** How the wait ended, {@code null} as long as it has not. */
    public @Nullable Outcome outcome() {
        return outcome;
    }
}
