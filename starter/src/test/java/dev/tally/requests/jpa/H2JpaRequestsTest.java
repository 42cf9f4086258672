package dev.tally.requests.jpa;

class H2JpaRequestsTest extends JpaRequestsContract {

    @Override
    String databaseUrl() {
        return "jdbc:h2:mem:jparequests;DB_CLOSE_DELAY=-1";
    }
}
