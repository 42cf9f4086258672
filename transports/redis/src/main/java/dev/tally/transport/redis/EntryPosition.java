package dev.tally.transport.redis;

import dev.tally.transport.TransportException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The id of an entry as a number that grows with it: its milliseconds times {@value #NUMBERS}, and its number within the
 * millisecond. Good for milliseconds up to the year 2248; a number beyond, which only a writer of its own ids could choose,
 * counts as the last of its millisecond.
 */
final class EntryPosition {

    private static final int NUMBER_BITS = 20;
    private static final long NUMBERS = 1L << NUMBER_BITS;
    private static final long MOST_MILLIS = Long.MAX_VALUE >> NUMBER_BITS;

    private EntryPosition() {}

    /** @throws TransportException if its milliseconds are not those of a time up to the year 2248 */
    static long of(String id) {
        int separator = id.indexOf('-');
        long millis = Long.parseUnsignedLong(id.substring(0, separator));
        long number = Long.parseUnsignedLong(id.substring(separator + 1));
        if (millis < 0 || millis > MOST_MILLIS) {
            throw new TransportException("entry " + id + " has an id that is no time, and no position");
        }
        boolean beyond = Long.compareUnsigned(number, NUMBERS) >= 0;
        return millis * NUMBERS + (beyond ? NUMBERS - 1 : number);
    }

    /** The first position of a time. */
    static long of(Instant time) {
        return Math.max(0, Math.min(MOST_MILLIS, time.toEpochMilli())) * NUMBERS;
    }

    /** The id of an entry at a position. */
    static String id(long position) {
        return (position >> NUMBER_BITS) + "-" + (position & (NUMBERS - 1));
    }

    /** The id behind which a group reads, when the entry at the position is to be the next one. */
    static String idBefore(long position) {
        if (position == 0) {
            return StreamEntry.BEGINNING;
        }
        boolean firstOfMillis = (position & (NUMBERS - 1)) == 0;
        return firstOfMillis ? ((position >> NUMBER_BITS) - 1) + "-" + Long.toUnsignedString(-1) : id(position - 1);
    }

    /** When the entry at a position was stored; {@code null} where its writer chose an id that is no time. */
    static @Nullable Instant time(long position) {
        long millis = position >> NUMBER_BITS;
        return millis <= 0 ? null : Instant.ofEpochMilli(millis);
    }
}
