package dev.tally.testkit;

class MySqlDriverOutboxTableTest extends OutboxTableBehaviour {

    @Override
    TestDatabase createDatabase() {
        return MariaDbDatabase.byMySqlDriver("&rewriteBatchedStatements=true");
    }
}
