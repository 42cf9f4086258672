package dev.tally.half;

import dev.tally.testing.TestDatabase;

/** MySQL's scripts, statements and driver on a MariaDB server, since no MySQL server can be had as a library. */
class MySqlDriverTransactionLedgerTest extends TransactionLedgerContract {

    @Override
    TestDatabase createDatabase() {
        return TestDatabase.mySqlOnMariaDb();
    }
}
