package dev.tally.outbox;

/**
 * Which lane a key belongs to. The same for every node, version and run: rows in the table were placed by it.
 *
 * @since 0.1
 */
public final class KeyLanes {

    private static final int SPREAD = 0x9E3779B9;

    private KeyLanes() {}

    /**
     * The number of a key's lane.
     *
     * @param lanes how many there are
     */
    public static int indexOf(String key, int lanes) {
        long hash = Integer.toUnsignedLong(key.hashCode() * SPREAD);
        return (int) ((hash * lanes) >>> Integer.SIZE);
    }

    /** The name of a key's lane, which is the owner of its rows. */
    public static String nameOf(String key, int lanes) {
        return OutboxStore.LANE_PREFIX + indexOf(key, lanes);
    }
}
