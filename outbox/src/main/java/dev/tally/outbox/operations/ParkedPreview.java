package dev.tally.outbox.operations;

import java.util.List;

/**
 * What an act on all rows of a filter would be about.
 *
 * @param matching how many parked rows fit
 * @param lastId the highest id among them; 0 for none
 * @param first the first of them
 * @since 0.1
 */
public record ParkedPreview(long matching, long lastId, List<ParkedRow> first) {}
