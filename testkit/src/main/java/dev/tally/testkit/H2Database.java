package dev.tally.testkit;

import com.zaxxer.hikari.HikariDataSource;
import dev.tally.jdbc.Dialect;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * H2, in memory or in a file that survives its process.
 *
 * @since 0.1
 */
public final class H2Database implements TestDatabase {

    private static final Logger log = LoggerFactory.getLogger(H2Database.class);

    private static final AtomicInteger CREATED = new AtomicInteger();

    private final String url;
    private final HikariDataSource pool;

    private H2Database(String url) {
        this.url = url;
        this.pool = Pools.open(url);
    }

    /** A new database in memory, with Tally's tables. */
    public static H2Database inMemory() {
        return withSchema("jdbc:h2:mem:tally-" + CREATED.incrementAndGet() + ";DB_CLOSE_DELAY=-1");
    }

    /**
     * A database in a file, with Tally's tables; each commit is written at once, so that a killed process loses none.
     *
     * @param file the path without its ending
     */
    public static H2Database inFile(Path file) {
        return withSchema("jdbc:h2:file:" + file.toAbsolutePath() + ";WRITE_DELAY=0");
    }

    private static H2Database withSchema(String url) {
        H2Database database = new H2Database(url);
        TestDatabase.createSchema(database.pool, Dialect.H2);
        return database;
    }

    @Override
    public DataSource dataSource() {
        return pool;
    }

    @Override
    public Dialect dialect() {
        return Dialect.H2;
    }

    @Override
    public String url() {
        return url;
    }

    @Override
    public void close() {
        if (url.startsWith("jdbc:h2:mem:")) {
            try (Connection connection = pool.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("SHUTDOWN");
            } catch (SQLException e) {
                log.debug("H2 refused its shutdown; it goes with the process url={}", url, e);
            }
        }
        pool.close();
    }
}
