package dev.tally.outbox.operations;

import java.util.List;

/**
 * A page of parked rows.
 *
 * @param rows the rows, by ascending id
 * @param lastId where the next page begins; the id asked for where there are no rows
 * @param more whether there may be rows with higher ids
 * @since 0.1
 */
public record ParkedPage(List<ParkedRow> rows, long lastId, boolean more) {}
