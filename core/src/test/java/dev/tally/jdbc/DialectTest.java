package dev.tally.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tally.testing.TestDatabase;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.datasource.AbstractDataSource;

class DialectTest {

    @Test
    void knowsTheSupportedDatabases() {
        try (TestDatabase h2 = TestDatabase.h2();
                TestDatabase postgresql = TestDatabase.postgresql();
                TestDatabase mariaDb = TestDatabase.mariaDb();
                TestDatabase byMySqlDriver = TestDatabase.mariaDbByMySqlDriver("")) {
            assertThat(Dialect.of(mariaDb.dataSource())).isEqualTo(Dialect.MARIADB);
            assertThat(Dialect.of(byMySqlDriver.dataSource())).isEqualTo(Dialect.MARIADB);
            assertThat(Dialect.of(h2.dataSource())).isEqualTo(Dialect.H2);
            assertThat(Dialect.of(postgresql.dataSource())).isEqualTo(Dialect.POSTGRESQL);
        }
    }

    @Test
    void anUnknownDatabaseFailsWithTheListOfSupportedOnes() {
        assertThatExceptionOfType(UnsupportedDatabaseException.class)
                .isThrownBy(() -> Dialect.of(databaseCalled("Oracle")))
                .withMessageContaining("'Oracle'")
                .withMessageContaining("H2 2 and later, PostgreSQL 14 and later");
    }

    @ParameterizedTest
    @CsvSource({
        "MySQL, 8.0.17, MYSQL",
        "MySQL, 8.0.36-28, MYSQL",
        "MySQL, 9.2.0, MYSQL",
        "MySQL, 5.5.5-10.11.6-MariaDB-0+deb12u1, MARIADB",
        "MariaDB, 10.6.0-MariaDB, MARIADB",
        "MariaDB, 12.0.2-MariaDB-ubu2404, MARIADB",
        "PostgreSQL, 14.0, POSTGRESQL",
        "PostgreSQL, 18.1 (Debian 18.1-1.pgdg12+2), POSTGRESQL",
        "H2, 2.4.240 (2025-09-22), H2"
    })
    void readsProductAndVersion(String name, String version, Dialect expected) {
        assertThat(DatabaseProduct.dialectOf(name, version)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "MySQL, 8.0.16, 8.0.17",
        "MySQL, 5.7.44-log, 8.0.17",
        "MySQL, 8.0.11-TiDB-v8.5.1, 8.0.17",
        "MySQL, 5.5.5-10.5.23-MariaDB, 10.6",
        "MariaDB, 10.5.23-MariaDB, 10.6",
        "PostgreSQL, 13.14, 14",
        "H2, 1.4.200 (2019-10-14), 2"
    })
    void refusesVersionsThatAreTooOldByTheirNumber(String name, String version, String oldest) {
        assertThatExceptionOfType(UnsupportedDatabaseException.class)
                .isThrownBy(() -> DatabaseProduct.dialectOf(name, version))
                .withMessageContaining(version)
                .withMessageContaining("the oldest supported version is " + oldest + " (");
    }

    @Test
    void refusesAVersionThatCannotBeRead() {
        assertThatExceptionOfType(UnsupportedDatabaseException.class)
                .isThrownBy(() -> DatabaseProduct.dialectOf("PostgreSQL", null))
                .withMessageContaining("no version");
    }

    @Test
    void everyDatabaseHasTheSameScripts() {
        for (Dialect dialect : Dialect.values()) {
            assertThat(SchemaScripts.locations(dialect))
                    .containsExactly(
                            "tally/schema/core/" + dialect.id() + "/V1__ledger_and_inbox.sql",
                            "tally/schema/core/" + dialect.id() + "/V2__audit.sql",
                            "tally/schema/core/" + dialect.id() + "/V3__replies.sql",
                            "tally/schema/core/" + dialect.id() + "/V4__dead_letters.sql");
        }
    }

    @Test
    void scriptsAreFoundAndCanBeRunAgain() {
        assertThat(SchemaScripts.locations(Dialect.H2))
                .first()
                .isEqualTo("tally/schema/core/h2/V1__ledger_and_inbox.sql");
        assertThat(SchemaScripts.locations(Dialect.POSTGRESQL))
                .first()
                .isEqualTo("tally/schema/core/postgresql/V1__ledger_and_inbox.sql");
        try (TestDatabase h2 = TestDatabase.h2();
                TestDatabase postgresql = TestDatabase.postgresql()) {
            h2.jdbc().update("INSERT INTO tally_inbox (consumer_group, message_id) VALUES ('g', 'm')");
            h2.applySchema();
            postgresql.applySchema();
            assertThat(h2.jdbc().queryForList("SELECT message_id FROM tally_inbox", String.class))
                    .containsExactly("m");
        }
    }

    private static DataSource databaseCalled(String name) {
        DatabaseMetaData metaData = proxy(DatabaseMetaData.class, name);
        Connection connection = proxy(Connection.class, metaData);
        return new AbstractDataSource() {
            @Override
            public Connection getConnection() {
                return connection;
            }

            @Override
            public Connection getConnection(String user, String password) {
                return connection;
            }
        };
    }

    /** Answers every question whose type fits with {@code answer}. */
    private static <T> T proxy(Class<T> type, Object answer) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (p, method, arguments) -> {
                    if (method.getReturnType().isInstance(answer)) {
                        return answer;
                    }
                    return method.getReturnType() == boolean.class ? false : null;
                }));
    }
}
