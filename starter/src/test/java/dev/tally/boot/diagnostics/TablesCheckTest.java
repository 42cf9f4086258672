package dev.tally.boot.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tally.jdbc.Dialect;
import dev.tally.jdbc.SchemaScripts;
import dev.tally.testkit.H2Database;
import dev.tally.testkit.MariaDbDatabase;
import dev.tally.testkit.PostgresDatabase;
import dev.tally.testkit.TestDatabase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.JdbcTemplate;

/** What start-up finds wrong with the tables. */
class TablesCheckTest {

    enum Server {
        H2(H2Database::inMemory),
        POSTGRESQL(PostgresDatabase::create),
        MARIADB(MariaDbDatabase::create);

        private final Supplier<TestDatabase> open;

        Server(Supplier<TestDatabase> open) {
            this.open = open;
        }
    }

    private static void check(TestDatabase database) {
        new TablesCheck(database.dataSource(), database.dialect()).afterPropertiesSet();
    }

    @ParameterizedTest
    @EnumSource
    void namesMissingTablesAndColumnsAndTheScriptsThatBringThem(Server server) {
        try (TestDatabase database = server.open.get()) {
            check(database);
            JdbcTemplate jdbc = new JdbcTemplate(database.dataSource());
            String folder = "/" + database.dialect().id() + "/";
            jdbc.execute("ALTER TABLE tally_outbox DROP COLUMN format");
            jdbc.execute("ALTER TABLE tally_outbox_node DROP COLUMN epoch");
            jdbc.execute("ALTER TABLE tally_outbox_node DROP COLUMN ready");
            jdbc.execute("DROP TABLE tally_audit");
            jdbc.execute("DROP TABLE tally_inbox");
            jdbc.execute(
                    "CREATE TABLE tally_inbox (consumer_group VARCHAR(9), message_id INTEGER, handled_at TIMESTAMP)");
            assertThatExceptionOfType(TablesMissingException.class)
                    .isThrownBy(() -> check(database))
                    .satisfies(e -> {
                        assertThat(e.getMessage().lines().skip(1).toList())
                                .hasSize(4)
                                .contains(
                                        " - table tally_audit is missing or must not be read",
                                        " - table tally_outbox has no column format",
                                        " - table tally_outbox_node has no column epoch, ready")
                                .anyMatch(line -> line.startsWith(
                                        " - column tally_inbox.message_id does not hold text, its JDBC"));
                        assertThat(e.scripts())
                                .containsExactly(
                                        "tally/schema/core" + folder + "V2__audit.sql",
                                        "tally/schema/outbox" + folder + "V2__lanes.sql",
                                        "tally/schema/outbox" + folder + "V3__archive.sql");
                    });
        }
    }

    /** Whoever adds a column to a script adds it to what is checked. */
    @Test
    void checksEveryColumnThatTheScriptsBring() {
        try (TestDatabase database = H2Database.inMemory()) {
            Map<String, Set<String>> present = new TreeMap<>();
            new JdbcTemplate(database.dataSource())
                    .query(
                            "SELECT LOWER(table_name), LOWER(column_name) FROM information_schema.columns"
                                    + " WHERE table_name LIKE 'TALLY\\_%'"
                                    // Needed only where a bridge is configured, which then says so itself.
                                    + " AND table_name NOT LIKE 'TALLY\\_OUTBOX\\_BRIDGE%'",
                            row -> {
                                present.computeIfAbsent(row.getString(1), table -> new TreeSet<>())
                                        .add(row.getString(2));
                            });
            Map<String, Set<String>> expected = new TreeMap<>();
            everything()
                    .forEach((table, columns) ->
                            columns.forEach(column -> expected.computeIfAbsent(table, name -> new TreeSet<>())
                                    .add(column.name())));
            assertThat(expected).isEqualTo(present);
        }
    }

    @Test
    void liquibaseRunsEveryScript() throws IOException {
        for (Dialect dialect : Dialect.values()) {
            for (String location : SchemaScripts.locations(dialect)) {
                List<String> parts = List.of(location.split("/"));
                String changelog = new ClassPathResource("tally/schema/" + parts.get(2) + "/changelog.xml")
                        .getContentAsString(StandardCharsets.UTF_8);
                assertThat(changelog)
                        .contains("dbms=\"" + dialect.id() + "\">\n    <sqlFile path=\"" + parts.get(3) + "/"
                                + parts.get(4) + "\"");
            }
        }
    }

    @Test
    void theScriptsThatAreNamedAreThere() {
        for (Dialect dialect : Dialect.values()) {
            Set<String> named = new TreeSet<>();
            everything()
                    .values()
                    .forEach(columns -> columns.forEach(column ->
                            named.add("tally/schema/" + column.script().formatted(dialect.id()))));
            assertThat(SchemaScripts.locations(dialect)).containsAll(named);
        }
    }

    private static Map<String, List<ExpectedTables.Column>> everything() {
        Map<String, List<ExpectedTables.Column>> tables = new TreeMap<>(ExpectedTables.all());
        tables.putAll(ExpectedTables.ofSagas());
        tables.putAll(ExpectedTables.ofParticipants());
        return tables;
    }
}
