package dev.tally.testkit.changes;

import dev.tally.testkit.H2Database;
import dev.tally.testkit.TestDatabase;

/** On H2. */
class H2EntityChangesTest extends EntityChangesBehaviour {

    @Override
    TestDatabase createDatabase() {
        return H2Database.inMemory();
    }
}
