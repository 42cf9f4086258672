package dev.tally.outbox;

/**
 * How many rows of a type wait in the outbox.
 *
 * @param topic where they go
 * @param type the logical name of their payload's type
 * @param format the format of the row
 * @param rows how many; at least, where not all rows were looked at
 * @since 0.1
 */
public record StoredType(String topic, String type, int format, long rows) {}
