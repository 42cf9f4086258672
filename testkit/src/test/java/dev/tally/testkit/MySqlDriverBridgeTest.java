package dev.tally.testkit;

/** MySQL's driver and Tally's tables as on MySQL, but for what MySQL's collations are called. */
class MySqlDriverBridgeTest extends BridgeBehaviour {

    @Override
    TestDatabase createDatabase() {
        return MariaDbDatabase.byMySqlDriver("");
    }
}
