package dev.tally.audit;

/**
 * Keeps what people did. Thread-safe.
 *
 * @since 0.1
 */
public interface AuditLog {

    /** Keeps {@code entry}, in the current transaction where there is one. */
    void record(AuditEntry entry);
}
