package dev.tally.publish;

/**
 * Told, exactly once and after the transaction, how it ended. Exceptions are logged and go no further: the outcome of
 * the transaction stands.
 *
 * @since 0.1
 */
public interface Settlement {

    /** The transaction committed. */
    void committed();

    /** The transaction rolled back. */
    void rolledBack();

    /** Nobody knows, for instance because the connection broke during the commit. */
    void unknown();
}
