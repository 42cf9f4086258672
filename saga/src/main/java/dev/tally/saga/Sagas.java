package dev.tally.saga;

import org.jspecify.annotations.Nullable;

/**
 * Starts sagas and tells them what happens. Thread-safe.
 *
 * @since 0.1
 */
public interface Sagas {

    /**
     * Starts a saga in the current transaction: if and only if that commits, the saga exists and its first commands leave.
     * Local steps at its beginning run now, and what they throw comes out of here.
     *
     * <p>A business key has one saga of a name: starting it again gives the one there is, whatever its data.
     *
     * @param saga the name of its definition; the latest version of it is taken
     * @param businessKey what it is about, at most 255 characters
     * @param data its data, of the definition's class
     * @throws org.springframework.transaction.IllegalTransactionStateException outside a transaction
     * @throws IllegalArgumentException if there is no such definition, or the data is of another class
     * @throws RefusedException if a local step at the beginning refuses; the caller has to roll back
     */
    SagaStart start(String saga, String businessKey, Object data);

    /**
     * Tells a saga that something has happened, in the current transaction or one of its own. A signal that nobody waits for
     * yet is kept until somebody does.
     *
     * @param payload what the definition's {@code awaits} takes
     * @return whether there is a saga with this business key that has not ended; otherwise nothing was done
     */
    boolean signal(String saga, String businessKey, String signal, Object payload);

    /**
     * Asks a saga to go its way back, in the current transaction or one of its own.
     *
     * @param reason for its history
     * @return why it cannot: it is past its pivot, or has ended, or does not exist; {@code null} if it does
     */
    @Nullable String cancel(String saga, String businessKey, String reason);

    /** Where the saga with a business key is, as committed; {@code null} if there is none. */
    @Nullable SagaStart find(String saga, String businessKey);
}
