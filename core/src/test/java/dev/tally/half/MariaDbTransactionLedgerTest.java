package dev.tally.half;

import dev.tally.testing.TestDatabase;

class MariaDbTransactionLedgerTest extends TransactionLedgerContract {

    @Override
    TestDatabase createDatabase() {
        return TestDatabase.mariaDb();
    }
}
