package dev.tally.outbox;

import java.util.List;

/**
 * A page of rows that wait in the table.
 *
 * @param entries the rows, by ascending id
 * @param lastId where the next page begins; the id asked for where there are no rows
 * @param more whether rows with higher ids were left
 * @since 0.1
 */
public record BacklogPage(List<OutboxEntry> entries, long lastId, boolean more) {}
