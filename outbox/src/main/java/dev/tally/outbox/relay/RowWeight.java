package dev.tally.outbox.relay;

import dev.tally.outbox.OutboxEntry;
import java.util.List;

/** What a row is worth in memory, by the rows that were read last. Thread-safe. */
final class RowWeight {

    /** What a row is taken to be worth before any was seen. */
    private static final long FIRST_GUESS_OF_BYTES = 64 * 1024L;

    private long bytesOfRow = FIRST_GUESS_OF_BYTES;

    synchronized void weigh(List<OutboxEntry> entries) {
        if (!entries.isEmpty()) {
            long bytes = entries.stream()
                    .mapToLong(entry -> entry.message().payload().length)
                    .sum();
            bytesOfRow = Math.max(1, bytes / entries.size());
        }
    }

    /** At least one. */
    synchronized int rowsIn(long bytes) {
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE, bytes / bytesOfRow));
    }
}
