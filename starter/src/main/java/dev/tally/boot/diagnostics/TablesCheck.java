package dev.tally.boot.diagnostics;

import dev.tally.jdbc.Dialect;
import dev.tally.jdbc.SchemaScripts;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Ends the start-up where Tally's tables are missing, instead of the first business transaction.
 *
 * @since 0.1
 */
public final class TablesCheck implements InitializingBean {

    private static final List<String> TABLES =
            List.of("tally_outbox", "tally_outbox_node", "tally_transaction", "tally_inbox");

    private final JdbcTemplate jdbc;
    private final Dialect dialect;

    /** Creates the check of one data source. */
    public TablesCheck(DataSource dataSource, Dialect dialect) {
        this.jdbc = new JdbcTemplate(dataSource);
        this.dialect = dialect;
    }

    /** Checks them, throwing {@link TablesMissingException} if any is missing. */
    @Override
    public void afterPropertiesSet() {
        List<String> missing = new ArrayList<>();
        BadSqlGrammarException failure = null;
        for (String table : TABLES) {
            BadSqlGrammarException found = failureOf(table);
            if (found != null) {
                missing.add(table);
                failure = found;
            }
        }
        if (failure != null) {
            throw new TablesMissingException(missing, SchemaScripts.locations(dialect), failure);
        }
    }

    private @Nullable BadSqlGrammarException failureOf(String table) {
        try {
            jdbc.execute("SELECT 1 FROM " + table + " WHERE 1 = 0");
            return null;
        } catch (BadSqlGrammarException e) {
            return e;
        }
    }
}
