package dev.tally.testkit;

import com.zaxxer.hikari.HikariDataSource;
import dev.tally.jdbc.Dialect;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
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
    private final Dialect dialect;
    private final String name;
    private final String url;
    private final HikariDataSource pool;

    private MariaDbDatabase(MariaDbServer server, Dialect dialect, UnaryOperator<String> driver) {
        this.server = server;
        this.dialect = dialect;
        this.name = "test_" + CREATED.incrementAndGet();
        administer("CREATE DATABASE " + name);
        this.url = driver.apply(server.url(name));
        this.pool = Pools.open(url);
        TestDatabase.createSchema(pool, dialect);
    }

    /** A new database on the shared server. */
    public static MariaDbDatabase create() {
        return on(MariaDbServer.shared());
    }

    /**
     * A new database on the shared server with MySQL's schema and dialect, through MySQL's driver.
     *
     * @param options options for the JDBC address, each with an ampersand before it
     */
    static MariaDbDatabase byMySqlDriver(String options) {
        return new MariaDbDatabase(
                MariaDbServer.shared(),
                Dialect.MYSQL,
                url -> url.replaceFirst("^jdbc:mariadb:", "jdbc:mysql:") + options);
    }

    /** A new database on {@code server}. */
    public static MariaDbDatabase on(MariaDbServer server) {
        return new MariaDbDatabase(server, Dialect.MARIADB, UnaryOperator.identity());
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
        return dialect;
    }

    @Override
    public String url() {
        return url;
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
