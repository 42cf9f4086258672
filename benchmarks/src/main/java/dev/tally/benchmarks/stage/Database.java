package dev.tally.benchmarks.stage;

import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.machine.ProcessUsage;
import dev.tally.benchmarks.time.Timing;
import dev.tally.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A PostgreSQL server of one's own with the tables of the service, durable as it is by default. */
public final class Database implements AutoCloseable {

    private static final List<String> DURABLE = List.of("fsync", "synchronous_commit", "full_page_writes");
    private static final List<String> TABLES = List.of("""
            CREATE TABLE bench_order (
                order_id BIGINT PRIMARY KEY,
                customer VARCHAR(50) NOT NULL,
                cents BIGINT NOT NULL,
                created_at TIMESTAMP WITH TIME ZONE NOT NULL)""", """
            CREATE TABLE bench_transaction_log (
                transaction_id VARCHAR(64) PRIMARY KEY,
                created_at TIMESTAMP WITH TIME ZONE NOT NULL)""");

    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);
    private static final Duration EMPTY_WITHIN = Duration.ofMinutes(4);

    private final PostgresServer server;
    private final Path data;
    private final Connection connection;
    private final Timing timing;

    private Database(PostgresServer server, Path data, Connection connection, Timing timing) {
        this.server = server;
        this.data = data;
        this.connection = connection;
        this.timing = timing;
    }

    /** Starts one.
     *
     * @param data a folder that is not there yet, or empty
     */
    public static Database start(Path data, Timing timing) throws SQLException, IOException {
        Files.createDirectories(data);
        PostgresServer server = PostgresServer.start(data);
        try {
            Connection connection = DriverManager.getConnection(server.url("postgres"));
            Database database = new Database(server, data, connection, timing);
            for (String setting : DURABLE) {
                String found = database.text("SHOW " + setting);
                if (!found.equals("on")) {
                    throw new BenchmarkException("The database runs with " + setting + " = " + found);
                }
            }
            for (String table : TABLES) {
                database.execute(table);
            }
            return database;
        } catch (SQLException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /** Its JDBC address. */
    public String url() {
        return server.url("postgres");
    }

    /** Executes a statement. */
    public void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The first column of the first row that a query finds. */
    public String text(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            if (!row.next()) {
                throw new BenchmarkException("The database answered " + sql + " with nothing");
            }
            return String.valueOf(row.getString(1));
        }
    }

    /** The same as a number. */
    public long number(String sql) throws SQLException {
        return Long.parseLong(text(sql));
    }

    /** How much was written to the write-ahead log since its beginning, in bytes. */
    public long walBytes() throws SQLException {
        return number("SELECT CAST(pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') AS BIGINT)");
    }

    /** All that a query finds in its columns, which are numbers. */
    public List<long[]> numbers(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            int columns = rows.getMetaData().getColumnCount();
            List<long[]> all = new ArrayList<>();
            while (rows.next()) {
                long[] row = new long[columns];
                for (int column = 0; column < columns; column++) {
                    row[column] = rows.getLong(column + 1);
                }
                all.add(row);
            }
            return all;
        }
    }

    /** Waits until there is no row in a table. */
    public void awaitEmpty(String table) throws SQLException, InterruptedException {
        long start = timing.nanos();
        for (long rows = count(table); rows > 0; rows = count(table)) {
            if (timing.since(start).compareTo(EMPTY_WITHIN) > 0) {
                throw new BenchmarkException(
                        "There are still " + rows + " rows in " + table + " after " + EMPTY_WITHIN);
            }
            timing.pause(LOOK_AGAIN);
        }
    }

    /** How many rows a table has. */
    public long count(String table) throws SQLException {
        return number("SELECT COUNT(*) FROM " + table);
    }

    /** Processor time of all its processes that are there. */
    public Duration cpu() throws IOException {
        long postmaster = Long.parseLong(
                Files.readAllLines(data.resolve("postmaster.pid")).get(0).trim());
        Duration sum = ProcessUsage.cpu(postmaster);
        for (ProcessHandle child :
                ProcessHandle.of(postmaster).orElseThrow().children().toList()) {
            if (child.isAlive()) {
                sum = sum.plus(ProcessUsage.cpu(child.pid()));
            }
        }
        return sum;
    }

    @Override
    public void close() throws SQLException {
        try {
            connection.close();
        } finally {
            server.close();
        }
    }
}
