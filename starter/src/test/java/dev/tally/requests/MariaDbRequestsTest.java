package dev.tally.requests;

import dev.tally.testkit.MariaDbServer;

class MariaDbRequestsTest extends IdempotentRequestsContract {

    @Override
    String databaseUrl() {
        return MariaDbServer.shared().urlCreating("requests");
    }
}
