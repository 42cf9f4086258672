package dev.tally.testkit;

class H2InboxStoreTest extends JdbcInboxBehaviour {

    @Override
    protected TestDatabase createDatabase() {
        return H2Database.inMemory();
    }
}
