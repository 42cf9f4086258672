package dev.tally.testkit;

import com.gruelbox.transactionoutbox.Dialect;

class MariaDbTransactionOutboxBridgeTest extends TransactionOutboxBridgeBehaviour {

    @Override
    TestDatabase createDatabase() {
        return MariaDbDatabase.create();
    }

    @Override
    Dialect libraryDialect() {
        return Dialect.MY_SQL_8;
    }
}
