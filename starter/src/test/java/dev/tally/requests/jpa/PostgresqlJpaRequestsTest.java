package dev.tally.requests.jpa;

import dev.tally.testkit.PostgresDatabase;

class PostgresqlJpaRequestsTest extends JpaRequestsContract {

    @Override
    String databaseUrl() {
        return PostgresDatabase.create().url();
    }
}
