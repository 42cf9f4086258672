package dev.tally.testkit;

import com.gruelbox.transactionoutbox.Dialect;

class H2TransactionOutboxBridgeTest extends TransactionOutboxBridgeBehaviour {

    @Override
    TestDatabase createDatabase() {
        return H2Database.inMemory();
    }

    @Override
    Dialect libraryDialect() {
        return Dialect.H2;
    }
}
