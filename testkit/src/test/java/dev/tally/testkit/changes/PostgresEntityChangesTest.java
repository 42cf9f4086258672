package dev.tally.testkit.changes;

import dev.tally.testkit.PostgresDatabase;
import dev.tally.testkit.TestDatabase;

/** On PostgreSQL. */
class PostgresEntityChangesTest extends EntityChangesBehaviour {

    @Override
    TestDatabase createDatabase() {
        return PostgresDatabase.create();
    }
}
