package dev.tally.testkit;

class PostgresInboxStoreTest extends JdbcInboxBehaviour {

    @Override
    protected TestDatabase createDatabase() {
        return PostgresDatabase.create();
    }
}
