package dev.tally.broker.protocol;

/**
 * The fields of a look-up by key.
 *
 * @param topic the topic
 * @param key a unique key or a business key
 * @param max how many are wanted at most
 * @param fromMillis when they were stored at the earliest, epoch milliseconds
 * @param toMillis and at the latest
 * @since 0.1
 */
public record KeyRequest(String topic, String key, int max, long fromMillis, long toMillis) {

    private static final int MOST = 64;
    private static final int MOST_OF_UNIQUE_KEY = 32;

    /** Reads the fields; a look-up by unique key gets all that have it, whatever number it names. */
    public static KeyRequest from(Fields fields) {
        int wanted = fields.requiredNumber("maxNum");
        return new KeyRequest(
                fields.requiredText("topic"),
                fields.requiredText("key"),
                fields.flag("_UNIQUE_KEY_QUERY", false) ? MOST_OF_UNIQUE_KEY : Math.min(wanted, MOST),
                fields.requiredLongNumber("beginTimestamp"),
                fields.requiredLongNumber("endTimestamp"));
    }
}
