package dev.tally.requests;

class H2RequestsTest extends IdempotentRequestsContract {

    @Override
    String databaseUrl() {
        return "jdbc:h2:mem:requests;DB_CLOSE_DELAY=-1";
    }
}
