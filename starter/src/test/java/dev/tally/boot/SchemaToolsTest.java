package dev.tally.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.testkit.H2Database;
import dev.tally.testkit.MariaDbDatabase;
import dev.tally.testkit.PostgresDatabase;
import dev.tally.testkit.TestDatabase;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

/** Flyway and Liquibase bring the tables, beside the application's own; Tally brings nothing and finds them complete. */
class SchemaToolsTest {

    enum Server {
        H2(H2Database::inMemory),
        POSTGRESQL(PostgresDatabase::create),
        MARIADB(MariaDbDatabase::create);

        private final Supplier<TestDatabase> open;

        Server(Supplier<TestDatabase> open) {
            this.open = open;
        }
    }

    private static final List<String> TABLES = List.of(
            "tally_outbox_bridge_row",
            "tally_outbox_bridge",
            "tally_outbox_archive",
            "tally_outbox_pause",
            "tally_outbox_revision",
            "tally_outbox_blocked",
            "tally_outbox_lanes",
            "tally_outbox_node",
            "tally_outbox",
            "tally_reply",
            "tally_audit",
            "tally_dead_letter",
            "tally_inbox",
            "tally_transaction",
            "tally_saga",
            "tally_saga_history",
            "tally_saga_mail",
            "tally_saga_barrier",
            "tally_saga_lock",
            "tally_saga_lock_waiter",
            "tally_saga_lock_queue");

    private static ApplicationContextRunner application(TestDatabase database) {
        return new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        DataSourceAutoConfiguration.class,
                        DataSourceTransactionManagerAutoConfiguration.class,
                        JdbcTemplateAutoConfiguration.class,
                        TransactionAutoConfiguration.class,
                        JacksonAutoConfiguration.class))
                .withConfiguration(AutoConfigurations.of(AutoConfigurationTest.ours()))
                .withUserConfiguration(AutoConfigurationTest.FakeTransportConfiguration.class)
                .withPropertyValues("spring.datasource.url=" + database.url(), "tally.jdbc.initialize-schema=never");
    }

    private static TestDatabase empty(Server server) {
        TestDatabase database = server.open.get();
        JdbcTemplate jdbc = new JdbcTemplate(database.dataSource());
        TABLES.forEach(table -> jdbc.execute("DROP TABLE " + table));
        if (server == Server.H2) {
            // The user that Boot takes for it.
            jdbc.execute("CREATE USER sa PASSWORD '' ADMIN");
        }
        return database;
    }

    /** As docs/schema.md shows it. */
    @Configuration(proxyBeanMethods = false)
    static class TallyByFlyway {

        @Bean
        FlywayMigrationStrategy migrateTallyAsWell() {
            return flyway -> {
                flyway.migrate();
                for (String module : List.of("core", "outbox", "saga")) {
                    Flyway.configure()
                            .configuration(flyway.getConfiguration())
                            .locations("classpath:tally/schema/" + module + "/"
                                    + flyway.getConfiguration()
                                            .getPlaceholders()
                                            .get("tallyDatabase"))
                            .table("flyway_tally_" + module)
                            .baselineOnMigrate(true)
                            .baselineVersion("0")
                            .load()
                            .migrate();
                }
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void flywayBringsTheTablesBesideTheApplicationsOwn(Server server) throws Exception {
        try (TestDatabase database = empty(server)) {
            ApplicationContextRunner application = application(database)
                    .withConfiguration(AutoConfigurations.of(FlywayAutoConfiguration.class))
                    .withPropertyValues(
                            "spring.flyway.locations=classpath:db/own",
                            "spring.flyway.placeholders.tallyDatabase="
                                    + database.dialect().id());
            application.run(context -> {
                assertThat(context).hasFailed();
                assertThat(AutoConfigurationTest.analysisOf(context.getStartupFailure())
                                .getAction())
                        .contains("tally/schema/outbox/" + database.dialect().id() + "/V3__archive.sql");
            });
            for (int start = 0; start < 2; start++) {
                application.withUserConfiguration(TallyByFlyway.class).run(context -> {
                    assertThat(context).hasNotFailed();
                    JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
                    assertThat(count(jdbc, "own_order")).isZero();
                    assertThat(ran(jdbc, "flyway_schema_history")).containsExactly("V1__orders.sql");
                    assertThat(ran(jdbc, "flyway_tally_core"))
                            .containsExactly(
                                    "V1__ledger_and_inbox.sql",
                                    "V2__audit.sql",
                                    "V3__replies.sql",
                                    "V4__dead_letters.sql");
                    assertThat(ran(jdbc, "flyway_tally_outbox"))
                            .contains(
                                    "V1__outbox.sql",
                                    "V2__lanes.sql",
                                    "V3__archive.sql",
                                    "V4__operations.sql",
                                    "V5__blocked_keys.sql");
                });
            }
            // Tally's own initialization beside it changes nothing.
            application
                    .withUserConfiguration(TallyByFlyway.class)
                    .withPropertyValues("tally.jdbc.initialize-schema=always")
                    .run(context -> assertThat(context).hasNotFailed());
        }
    }

    private static long count(JdbcTemplate jdbc, String table) {
        return jdbc.queryForObject("SELECT COUNT(*) FROM " + table, Long.class);
    }

    /** The scripts in a history table of Flyway's, which quotes what it creates. */
    private static List<String> ran(JdbcTemplate jdbc, String table) {
        String query = jdbc.execute((Connection connection) -> {
            String quote = connection.getMetaData().getIdentifierQuoteString();
            return "SELECT script FROM history WHERE type = 'SQL' ORDER BY installed_rank"
                    .replace("history", table)
                    .replaceAll("\\b(script|type|installed_rank|" + table + ")\\b", quote + "$1" + quote);
        });
        return jdbc.queryForList(query, String.class);
    }

    @ParameterizedTest
    @EnumSource
    void liquibaseBringsTheTablesBesideTheApplicationsOwn(Server server) throws Exception {
        try (TestDatabase database = empty(server)) {
            for (int start = 0; start < 2; start++) {
                application(database)
                        .withConfiguration(AutoConfigurations.of(LiquibaseAutoConfiguration.class))
                        .withPropertyValues("spring.liquibase.change-log=classpath:db/changelog/own.xml")
                        .run(context -> {
                            assertThat(context).hasNotFailed();
                            JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
                            assertThat(count(jdbc, "own_order")).isZero();
                            List<Map<String, Object>> ran =
                                    jdbc.queryForList("SELECT id FROM DATABASECHANGELOG WHERE author = 'tally'");
                            assertThat(ran).hasSizeGreaterThanOrEqualTo(5);
                            assertThat(ran.toString())
                                    .contains("outbox-V3-" + database.dialect().id());
                        });
            }
        }
    }
}
