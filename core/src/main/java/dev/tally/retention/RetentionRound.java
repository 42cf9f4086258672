package dev.tally.retention;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
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
     * @param age how long its rows are kept; asked once in each round, and empty where none may go in this one
     * @param purge removes
     */
    public record Table(String name, Supplier<Optional<Duration>> age, Purge purge) {

        /** A table whose rows are always kept for the same time. */
        public Table(String name, Duration age, Purge purge) {
            this(name, () -> Optional.of(age), purge);
        }
    }

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
            Optional<Duration> age = table.age().get();
            if (age.isEmpty()) {
                log.debug("left alone in this round table={}", table.name());
                return;
            }
            for (int batch = 0; batch < maxBatches; batch++) {
                int rows = table.purge().purge(age.get(), batchRows);
                removed += rows;
                if (rows < batchRows) {
                    break;
                }
            }
            log.debug("purged table={} age={} rows={}", table.name(), age.get(), removed);
        } catch (RuntimeException e) {
            log.warn("purging stopped table={} rowsRemoved={}; the next round goes on", table.name(), removed, e);
        }
    }
}
