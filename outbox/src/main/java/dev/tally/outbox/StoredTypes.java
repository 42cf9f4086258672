package dev.tally.outbox;

import java.util.List;

/**
 * What kinds of rows wait in the outbox, parked ones included.
 *
 * @param types by topic and type
 * @param complete whether all rows were looked at
 * @param highestFormat the highest row format that this version reads; rows above it are parked when they are read
 * @since 0.1
 */
public record StoredTypes(List<StoredType> types, boolean complete, int highestFormat) {}
