package dev.tally.testkit;

/** MySQL's scripts, statements and driver, with batches that are rewritten into one statement. */
class MySqlDriverOutboxFailureTest extends OutboxFailureBehaviour {

    @Override
    TestDatabase createDatabase() {
        return MariaDbDatabase.byMySqlDriver("&rewriteBatchedStatements=true");
    }
}
