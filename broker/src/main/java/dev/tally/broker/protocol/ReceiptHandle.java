package dev.tally.broker.protocol;

/**
 * What a consumer that pops knows a delivery by: text with eight fields, separated by spaces. The client builds it from
 * the fields of the pop's answer, or finds it in the message.
 *
 * <pre>
 * first offset of the pop | pop time | invisible time | revive queue | retry mark | broker | queue | offset
 * </pre>
 *
 * @param firstOffset the first offset of the pop
 * @param popMillis what identifies the pop
 * @param invisibleMillis how long the message is invisible
 * @param reviveQueue {@link #ORDERED} for a pop in order
 * @param retry 0 for a message of the topic itself, 1 for one of the group's pop retry topic
 * @param brokerName the broker
 * @param queueId the queue
 * @param offset the message's offset
 * @since 0.1
 */
public record ReceiptHandle(
        long firstOffset,
        long popMillis,
        long invisibleMillis,
        int reviveQueue,
        String retry,
        String brokerName,
        int queueId,
        long offset) {

    /** The revive queue that marks a pop in order. */
    public static final int ORDERED = 999;

    /** The mark of a message of the topic itself. */
    public static final String PLAIN = "0";

    /** The mark of a message of a retry topic. */
    public static final String RETRY = "1";

    private static final int LEAST_FIELDS = 4;
    private static final int FIELDS = 8;

    /** Reads a handle; clients may leave out the last fields, which other fields of the request say again. */
    public static ReceiptHandle parse(String text) {
        String[] parts = text.split(" ", -1);
        if (parts.length < LEAST_FIELDS || parts.length > FIELDS) {
            throw new MalformedCommandException(
                    "A receipt handle has " + parts.length + " fields instead of " + FIELDS);
        }
        return new ReceiptHandle(
                number(parts, 0),
                number(parts, 1),
                number(parts, 2),
                (int) number(parts, 3),
                parts.length > 4 ? parts[4] : PLAIN,
                parts.length > 5 ? parts[5] : "",
                parts.length > 6 ? (int) number(parts, 6) : -1,
                parts.length > 7 ? number(parts, 7) : -1);
    }

    private static long number(String[] parts, int index) {
        try {
            return Long.parseLong(parts[index]);
        } catch (NumberFormatException e) {
            throw new MalformedCommandException("Field " + index + " of a receipt handle is not a number", e);
        }
    }

    /** Whether it is of a pop in order. */
    public boolean ordered() {
        return reviveQueue == ORDERED;
    }

    /** The text on the wire. */
    public String text() {
        return firstOffset + " " + popMillis + " " + invisibleMillis + " " + reviveQueue + " " + retry + " "
                + brokerName + " " + queueId + " " + offset;
    }
}
