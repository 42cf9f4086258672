package dev.tally.testkit;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;

/** Pools for test databases. */
final class Pools {

    private Pools() {}

    static HikariDataSource open(String url) {
        return open(url, 16);
    }

    static HikariDataSource open(String url, int connections) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setMaximumPoolSize(connections);
        config.setMinimumIdle(0);
        config.setInitializationFailTimeout(-1);
        // Short, so that tests which take the database away see it soon; a loaded machine still gets its connections.
        config.setConnectionTimeout(5_000);
        return new HikariDataSource(config);
    }
}
