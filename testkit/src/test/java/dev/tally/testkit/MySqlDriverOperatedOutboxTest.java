package dev.tally.testkit;

class MySqlDriverOperatedOutboxTest extends OperatedOutboxBehaviour {

    @Override
    TestDatabase createDatabase() {
        return MariaDbDatabase.byMySqlDriver("");
    }
}
