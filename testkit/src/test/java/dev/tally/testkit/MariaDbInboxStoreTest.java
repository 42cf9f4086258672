package dev.tally.testkit;

class MariaDbInboxStoreTest extends JdbcInboxBehaviour {

    @Override
    protected TestDatabase createDatabase() {
        return MariaDbDatabase.create();
    }
}
