package dev.tally.outbox;

/**
 * Where a row is.
 *
 * @param id the row's id
 * @param owner the name that it was written under
 * @since 0.1
 */
public record RowPlace(long id, String owner) {}
