package dev.tally.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tally.testing.TestDatabase;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.datasource.AbstractDataSource;

class DialectTest {

    @Test
    void knowsTheSupportedDatabases() {
        try (TestDatabase h2 = TestDatabase.h2();
                TestDatabase postgresql = TestDatabase.postgresql()) {
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
