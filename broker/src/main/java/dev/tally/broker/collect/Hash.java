package dev.tally.broker.collect;

/**
 * Hashes of texts with 64 bits, well mixed: whoever finds one still compares the texts.
 *
 * @since 0.1
 */
public final class Hash {

    private static final long PRIME = 0x100000001B3L;
    private static final long START = 0xCBF29CE484222325L;

    private Hash() {}

    /** The hash of two texts in that order; never 0. */
    public static long of(String first, String second) {
        long hash = append((append(START, first) * PRIME) ^ 0xFFFF, second);
        hash = (hash ^ (hash >>> 32)) * 0x9E3779B97F4A7C15L;
        hash ^= hash >>> 29;
        return hash == 0 ? 1 : hash;
    }

    private static long append(long start, String text) {
        long hash = start;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * PRIME;
        }
        return hash;
    }
}
