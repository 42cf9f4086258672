package dev.tally.benchmarks.saga;

import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.shop.ShopRows;
import dev.tally.benchmarks.stage.Database;
import java.sql.SQLException;

/** What the database says of the purchases. A run after which something is missing has no figures. */
final class Books {

    private static final String OPEN = "SELECT COUNT(*) FROM bench_purchase WHERE state <> 'CONFIRMED'";

    private Books() {}

    /** How many purchases have not ended. */
    static long open(Database database) throws SQLException {
        return database.number(OPEN);
    }

    /**
     * Checks that every purchase has ended and has each of its effects.
     *
     * @param sagas whether there are sagas, which then have to be completed
     * @return effects that are there more than once
     */
    static long doubleEffects(Database database, boolean sagas) throws SQLException {
        long purchases = database.count("bench_purchase");
        none(open(database), purchases, "not confirmed");
        if (sagas) {
            long completed = database.number(
                    "SELECT COUNT(*) FROM tally_saga WHERE saga_name = 'purchase' AND state = 'COMPLETED'");
            none(purchases - completed, purchases, "no completed sagas");
        }
        long doubles = 0;
        for (String table : ShopRows.EFFECTS) {
            long different = database.number("SELECT COUNT(DISTINCT purchase_id) FROM " + table);
            none(purchases - different, purchases, "without their row in " + table);
            doubles += database.count(table) - different;
        }
        return doubles;
    }

    private static void none(long found, long purchases, String what) {
        if (found != 0) {
            throw new BenchmarkException("Of " + purchases + " purchases, " + found + " are " + what);
        }
    }
}
