package dev.tally.requests;

import dev.tally.testkit.PostgresDatabase;

class PostgresqlRequestsTest extends IdempotentRequestsContract {

    @Override
    String databaseUrl() {
        return PostgresDatabase.create().url();
    }
}
