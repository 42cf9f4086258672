package dev.tally.broker.log;

import org.jspecify.annotations.Nullable;

/**
 * Bytes of the log that were acknowledged once and cannot be read any more.
 *
 * @param file the segment file
 * @param offset where in the file they begin
 * @param bytes how many they are
 * @param firstSequence the sequence of the first record that is missing
 * @param lastSequence the sequence of the last one; less than the first where no record is missing
 * @param found what was found there
 * @param copy where the bytes were copied, {@code null} where there was nothing to copy
 * @since 0.1
 */
public record LostRegion(
        String file,
        long offset,
        long bytes,
        long firstSequence,
        long lastSequence,
        String found,
        @Nullable String copy) {

    /** How many records are missing. */
    public long records() {
        return Math.max(0, lastSequence - firstSequence + 1);
    }
}
