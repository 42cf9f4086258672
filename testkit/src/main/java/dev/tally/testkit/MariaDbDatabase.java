package dev.tally.testkit;

import com.zaxxer.hikari.HikariDataSource;
import dev.tally.jdbc.Dialect;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A database of its own on a MariaDB server that all tests of the JVM share; see {@link MariaDbServer} for what it needs.
 *
 * @since 0.1
 */
public final class MariaDbDatabase implements TestDatabase {

    private static final Logger log = LoggerFactory.getLogger(MariaDbDatabase.class);

    private static final AtomicInteger CREATED = new AtomicInteger();

    private final MariaDbServer server;
    private final String name;
    private final HikariDataSource pool;

    private MariaDbDatabase(MariaDbServer server) {
        this.server = server;
        this.name = "test_" + CREATED.incrementAndGet();
        administer("CREATE DATABASE " + name);
        this.pool = Pools.open(server.url(name));
        TestDatabase.createSchema(pool, Dialect.MARIADB);
    }

    /** A new database on the shared server. */
    public static MariaDbDatabase create() {
        return new MariaDbDatabase(MariaDbServer.shared());
    }

    /** A new database on {@code server}. */
    public static MariaDbDatabase on(MariaDbServer server) {
        return new MariaDbDatabase(server);
    }

    private void administer(String sql) {
        try (Connection connection = DriverManager.getConnection(server.url(""));
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException("Cannot run '" + sql + "' on the test server", e);
        }
    }

    @Override
    public DataSource dataSource() {
        return pool;
    }

    @Override
    public Dialect dialect() {
        return Dialect.MARIADB;
    }

    @Override
    public String url() {
        return server.url(name);
    }

    @Override
    public void close() {
        pool.close();
        try {
            administer("DROP DATABASE IF EXISTS " + name);
        } catch (IllegalStateException e) {
            log.debug("Test database not dropped; it goes with its server name={}", name, e);
        }
    }
}
