package dev.tally.testkit;

class MariaDbTransactionLedgerTest extends JdbcLedgerBehaviour {

    @Override
    protected TestDatabase createDatabase() {
        return MariaDbDatabase.create();
    }
}
