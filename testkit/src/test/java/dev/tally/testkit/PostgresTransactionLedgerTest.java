package dev.tally.testkit;

class PostgresTransactionLedgerTest extends JdbcLedgerBehaviour {

    @Override
    protected TestDatabase createDatabase() {
        return PostgresDatabase.create();
    }
}
