package dev.tally.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tally.boot.diagnostics.DatabaseSettingsException;
import dev.tally.boot.diagnostics.MySqlSettingsCheck;
import dev.tally.boot.diagnostics.PostgresqlDurabilityCheck;
import dev.tally.jdbc.Dialect;
import dev.tally.testkit.MariaDbDatabase;
import dev.tally.testkit.PostgresDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.util.unit.DataSize;

/** Settings of real servers under which committed transactions can be lost, or cannot be had at all. */
@ExtendWith(OutputCaptureExtension.class)
class DatabaseSettingsTest {

    private final MariaDbDatabase mariaDb = MariaDbDatabase.create();
    private final SingleConnectionDataSource session = new SingleConnectionDataSource(mariaDb.url(), true);
    private final JdbcTemplate jdbc = new JdbcTemplate(session);

    @AfterEach
    void close() {
        jdbc.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 1");
        session.destroy();
        mariaDb.close();
    }

    private void check(DataSize largestPayload) {
        new MySqlSettingsCheck(session, Dialect.MARIADB, largestPayload).afterPropertiesSet();
    }

    @Test
    void isSilentAboutADurableServer(CapturedOutput output) {
        check(DataSize.ofMegabytes(64));

        assertThat(output).doesNotContain("The database has");
    }

    @Test
    void warnsOfAServerThatAnswersCommitsBeforeTheyAreOnDisk(CapturedOutput output) {
        jdbc.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 2");

        check(DataSize.ofMegabytes(4));

        assertThat(output).contains("innodb_flush_log_at_trx_commit=2").contains("Set it to 1");
    }

    @Test
    void warnsOfPacketsThatAreTooSmallForThePayloads(CapturedOutput output) {
        check(DataSize.ofMegabytes(200));

        assertThat(output)
                .contains("max_allowed_packet=268435456")
                .contains("tally.jdbc.largest-payload")
                .contains("Set it to 420478976 or more");
    }

    @Test
    void refusesADefaultEngineWithoutTransactions() {
        jdbc.execute("SET SESSION default_storage_engine = MyISAM");

        assertThatExceptionOfType(DatabaseSettingsException.class)
                .isThrownBy(() -> check(DataSize.ofMegabytes(4)))
                .withMessageContaining("MyISAM")
                .withMessageContaining("has no transactions");
    }

    @Test
    void refusesTablesOfItsOwnWithoutTransactions() {
        jdbc.execute("ALTER TABLE tally_transaction ENGINE = MyISAM");

        assertThatExceptionOfType(DatabaseSettingsException.class)
                .isThrownBy(() -> check(DataSize.ofMegabytes(4)))
                .withMessageContaining("tally_transaction (MyISAM)");
    }

    @Test
    void refusesAModeThatCutsWhatIsTooLong() {
        jdbc.execute("SET SESSION sql_mode = ''");

        assertThatExceptionOfType(DatabaseSettingsException.class)
                .isThrownBy(() -> check(DataSize.ofMegabytes(4)))
                .withMessageContaining("sql_mode is not strict");
    }

    @Test
    void warnsOfAPostgresqlThatAnswersCommitsBeforeTheyAreOnDisk(CapturedOutput output) {
        try (PostgresDatabase postgresql = PostgresDatabase.create()) {
            new PostgresqlDurabilityCheck(postgresql.dataSource(), Dialect.POSTGRESQL).afterPropertiesSet();
            assertThat(output).doesNotContain("PostgreSQL has");
            SingleConnectionDataSource careless = new SingleConnectionDataSource(postgresql.url(), true);
            new JdbcTemplate(careless).execute("SET synchronous_commit = off");

            new PostgresqlDurabilityCheck(careless, Dialect.POSTGRESQL).afterPropertiesSet();

            careless.destroy();
        }
        assertThat(output).contains("PostgreSQL has synchronous_commit = off");
    }

    @Test
    void asksOtherDatabasesNothing() {
        assertThatCode(() -> {
                    new MySqlSettingsCheck(session, Dialect.H2, DataSize.ofMegabytes(400)).afterPropertiesSet();
                    new PostgresqlDurabilityCheck(session, Dialect.MARIADB).afterPropertiesSet();
                })
                .doesNotThrowAnyException();
    }
}
