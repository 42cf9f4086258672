package dev.tally.transport.rocketmq.crash;

import dev.tally.jdbc.Dialect;
import dev.tally.testkit.H2Database;
import dev.tally.testkit.MariaDbDatabase;
import dev.tally.testkit.MariaDbServer;
import dev.tally.testkit.PostgresDatabase;
import dev.tally.testkit.PostgresServer;
import dev.tally.testkit.TestDatabase;
import java.nio.file.Path;
import java.util.List;
import org.springframework.jdbc.core.JdbcTemplate;

/** A database with all tables on a server of its own, which can be killed and started again. */
record KillableDatabase(
        String url, Dialect dialect, boolean slowCommits, Runnable kill, Runnable startAgain, Runnable end)
        implements AutoCloseable {

    static KillableDatabase postgres(Path folder) {
        PostgresServer server = PostgresServer.start(folder.resolve("postgres"));
        PostgresDatabase database = PostgresDatabase.on(server);
        execute(database, Books.schema());
        execute(database, Books.slowCommits());
        return new KillableDatabase(
                database.url(), Dialect.POSTGRESQL, true, server::kill, server::startAgain, server::close);
    }

    static KillableDatabase mariaDb(Path folder) {
        MariaDbServer server = MariaDbServer.start(folder.resolve("mariadb"));
        MariaDbDatabase database = MariaDbDatabase.on(server);
        execute(database, Books.schema());
        return new KillableDatabase(
                database.url(), database.dialect(), false, server::kill, server::startAgain, server::close);
    }

    /** It lives in the process that uses it, and is killed with that. */
    static KillableDatabase h2(Path folder) {
        try (H2Database database = H2Database.inFile(folder.resolve("h2"))) {
            execute(database, Books.schema());
            Runnable none = () -> {};
            return new KillableDatabase(database.url(), Dialect.H2, false, none, none, none);
        }
    }

    private static void execute(TestDatabase database, List<String> statements) {
        JdbcTemplate jdbc = new JdbcTemplate(database.dataSource());
        statements.forEach(jdbc::execute);
    }

    @Override
    public void close() {
        end.run();
    }
}
