package dev.tally.boot.diagnostics;

import dev.tally.boot.diagnostics.ExpectedTables.Column;
import dev.tally.jdbc.Dialect;
import java.sql.ResultSetMetaData;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Ends the start-up where Tally's tables or columns of them are missing, instead of the first business transaction.
 *
 * @since 0.1
 */
public final class TablesCheck implements InitializingBean {

    private static final Logger log = LoggerFactory.getLogger(TablesCheck.class);

    private final JdbcTemplate jdbc;
    private final Dialect dialect;
    private final Map<String, List<Column>> expected;

    /** Creates the check of one data source. */
    public TablesCheck(DataSource dataSource, Dialect dialect) {
        this(dataSource, dialect, ExpectedTables.all());
    }

    private TablesCheck(DataSource dataSource, Dialect dialect, Map<String, List<Column>> expected) {
        this.jdbc = new JdbcTemplate(dataSource);
        this.dialect = dialect;
        this.expected = expected;
    }

    /** The check of the tables of an orchestrator of sagas. */
    public static TablesCheck ofSagas(DataSource dataSource, Dialect dialect) {
        return new TablesCheck(dataSource, dialect, ExpectedTables.ofSagas());
    }

    /** The check of the tables of participants of sagas. */
    public static TablesCheck ofParticipants(DataSource dataSource, Dialect dialect) {
        return new TablesCheck(dataSource, dialect, ExpectedTables.ofParticipants());
    }

    /** Checks them, throwing {@link TablesMissingException} if anything is missing. */
    @Override
    public void afterPropertiesSet() {
        List<String> faults = new ArrayList<>();
        Set<String> scripts = new TreeSet<>();
        expected.forEach((table, columns) -> check(table, columns, faults, scripts));
        if (!faults.isEmpty()) {
            throw new TablesMissingException(faults, List.copyOf(scripts));
        }
    }

    private void check(String table, List<Column> columns, List<String> faults, Set<String> scripts) {
        Map<String, Integer> present = typesOf(table);
        if (present == null) {
            Set<String> bringing = new TreeSet<>();
            columns.forEach(column -> bringing.add(location(column)));
            faults.add("table " + table + " is missing or must not be read");
            scripts.addAll(bringing);
            return;
        }
        Map<String, List<String>> missing = new LinkedHashMap<>();
        for (Column column : columns) {
            Integer type = present.get(column.name());
            if (type == null) {
                missing.computeIfAbsent(location(column), script -> new ArrayList<>())
                        .add(column.name());
            } else if (!column.kind().fits(type)) {
                faults.add("column " + table + "." + column.name() + " does not hold "
                        + column.kind().name().toLowerCase(Locale.ROOT) + ", its JDBC type is " + type);
            }
        }
        missing.forEach((script, names) -> {
            faults.add("table " + table + " has no column " + String.join(", ", names));
            scripts.add(script);
        });
    }

    private String location(Column column) {
        return "tally/schema/" + column.script().formatted(dialect.id());
    }

    /** JDBC types by column, or {@code null} where the table cannot be read. */
    private @Nullable Map<String, Integer> typesOf(String table) {
        try {
            return jdbc.query("SELECT * FROM " + table + " WHERE 1 = 0", rows -> {
                ResultSetMetaData metaData = rows.getMetaData();
                Map<String, Integer> types = new HashMap<>();
                for (int i = 1; i <= metaData.getColumnCount(); i++) {
                    types.put(
                            Objects.requireNonNull(metaData.getColumnLabel(i)).toLowerCase(Locale.ROOT),
                            metaData.getColumnType(i));
                }
                return types;
            });
        } catch (BadSqlGrammarException e) {
            log.debug("table cannot be read table={}", table, e);
            return null;
        }
    }
}
