package dev.tally.benchmarks.half;

import dev.tally.benchmarks.application.Way;
import dev.tally.benchmarks.figure.Reading;
import dev.tally.benchmarks.figure.Settings;
import dev.tally.benchmarks.stage.Database;
import java.util.List;

/**
 * What the database writes to its log for each transaction, until the last row of the publication has been removed and
 * vacuumed away.
 */
final class BytesWorkload {

    private static final int THREADS = 8;
    private static final int TRANSACTIONS_A_SECOND = 2000;

    private final long count;

    BytesWorkload(Settings settings) {
        this.count = settings.window().toSeconds() * TRANSACTIONS_A_SECOND;
    }

    List<Reading> run(Stage stage, Way way) throws Exception {
        String table =
                switch (way) {
                    case HALF -> "tally_transaction";
                    case OUTBOX -> "tally_outbox";
                    case ROCKETMQ_SPRING -> "bench_transaction_log";
                    case ROW -> "bench_order";
                };
        try (Application application = stage.patientApplication()) {
            Database database = stage.database();
            database.execute("CHECKPOINT");
            long start = database.walBytes();
            application.runRows(THREADS, count);
            double row = (double) (database.walBytes() - start) / count;
            database.execute("CHECKPOINT");
            long before = database.walBytes();
            application.run(THREADS, count);
            if (way == Way.HALF || way == Way.OUTBOX) {
                database.awaitEmpty(table);
            }
            database.execute("VACUUM " + table);
            double all = (double) (database.walBytes() - before) / count;
            double left = (double) database.number("SELECT pg_total_relation_size('" + table + "')") / count;
            return List.of(
                    new Reading(all, "B WAL/tx"),
                    new Reading(all - row, "B WAL/tx beyond the row's"),
                    new Reading(left, "B of " + table + " left/tx"));
        }
    }
}
