package dev.tally.boot.diagnostics;

import dev.tally.jdbc.Dialect;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Warns of a PostgreSQL that answers commits before they are on disk.
 *
 * @since 0.1
 */
public final class PostgresqlDurabilityCheck implements InitializingBean {

    private static final Logger log = LoggerFactory.getLogger(PostgresqlDurabilityCheck.class);

    private final JdbcTemplate jdbc;
    private final Dialect dialect;

    /** Creates the check of one data source. */
    public PostgresqlDurabilityCheck(DataSource dataSource, Dialect dialect) {
        this.jdbc = new JdbcTemplate(dataSource);
        this.dialect = dialect;
    }

    @Override
    public void afterPropertiesSet() {
        if (dialect != Dialect.POSTGRESQL) {
            return;
        }
        for (String setting : new String[] {"synchronous_commit", "fsync"}) {
            if ("off".equals(jdbc.queryForObject("SHOW " + setting, String.class))) {
                log.warn(
                        "PostgreSQL has {} = off and answers commits before they are on disk: a crash of the server"
                                + " loses committed transactions whose messages may have been sent. Set it to on",
                        setting);
            }
        }
    }
}
