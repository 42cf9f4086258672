package dev.tally.half;

import dev.tally.testing.TestDatabase;

class PostgresqlTransactionLedgerTest extends TransactionLedgerContract {

    @Override
    TestDatabase createDatabase() {
        return TestDatabase.postgresql();
    }
}
