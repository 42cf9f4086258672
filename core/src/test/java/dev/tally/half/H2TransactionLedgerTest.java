package dev.tally.half;

import dev.tally.testing.TestDatabase;

class H2TransactionLedgerTest extends TransactionLedgerContract {

    @Override
    TestDatabase createDatabase() {
        return TestDatabase.h2();
    }
}
