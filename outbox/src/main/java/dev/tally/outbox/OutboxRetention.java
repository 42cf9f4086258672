package dev.tally.outbox;

/**
 * What becomes of a row when the broker has confirmed its message.
 *
 * @since 0.1
 */
public enum OutboxRetention {
    /** It is deleted. */
    DELETE,

    /** It is moved to {@code tally_outbox_archive} by the statement that completes it, where {@link OutboxArchive} finds it. */
    ARCHIVE
}
