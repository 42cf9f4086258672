package dev.tally.retention;

import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One round of removing rows that are older than they need to be kept. Bounded: batches of a fixed size, each in a short
 * transaction of its own, and a limit of batches; what is left is for the next round. A table that fails does not keep
 * the others from being purged. Thread-safe if its tables are.
 *
 * @since 0.1
 */
public final class RetentionRound implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(RetentionRound.class);

    private final List<Table> tables;
    private final int batchRows;
    private final int maxBatches;

    /**
     * A table to purge.
     *
     * @param name for logs
     * @param age how long its rows are kept
     * @param purge removes
     */
    public record Table(String name, Duration age, Purge purge) {}

    /** Removes old rows of one table. */
    @FunctionalInterface
    public interface Purge {

        /** Removes at most {@code limit} rows that are older than {@code age}, and says how many. */
        int purge(Duration age, int limit);
    }

    /**
     * Creates the round.
     *
     * @param batchRows rows removed at most by one statement
     * @param maxBatches batches for each table and round at most
     */
    public RetentionRound(List<Table> tables, int batchRows, int maxBatches) {
        this.tables = List.copyOf(tables);
        this.batchRows = batchRows;
        this.maxBatches = maxBatches;
    }

    @Override
    public void run() {
        tables.forEach(this::purge);
    }

    private void purge(Table table) {
        long removed = 0;
        try {
            for (int batch = 0; batch < maxBatches; batch++) {
                int rows = table.purge().purge(table.age(), batchRows);
                removed += rows;
                if (rows < batchRows) {
                    break;
                }
            }
            log.debug("purged table={} age={} rows={}", table.name(), table.age(), removed);
        } catch (RuntimeException e) {
            log.warn(
                    "purging stopped table={} age={} rowsRemoved={}; the next round goes on",
                    table.name(),
                    table.age(),
                    removed,
                    e);
        }
    }
}
