package dev.tally.testkit;

import com.gruelbox.transactionoutbox.Dialect;

class PostgresTransactionOutboxBridgeTest extends TransactionOutboxBridgeBehaviour {

    @Override
    TestDatabase createDatabase() {
        return PostgresDatabase.create();
    }

    @Override
    Dialect libraryDialect() {
        return Dialect.POSTGRESQL_9;
    }
}
