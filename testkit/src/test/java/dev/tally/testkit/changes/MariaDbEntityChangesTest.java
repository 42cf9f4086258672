package dev.tally.testkit.changes;

import dev.tally.testkit.MariaDbDatabase;
import dev.tally.testkit.TestDatabase;

/** On MariaDB. */
class MariaDbEntityChangesTest extends EntityChangesBehaviour {

    @Override
    TestDatabase createDatabase() {
        return MariaDbDatabase.create();
    }
}
