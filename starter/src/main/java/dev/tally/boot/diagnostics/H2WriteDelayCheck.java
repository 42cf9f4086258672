package dev.tally.boot.diagnostics;

import dev.tally.jdbc.Dialect;
import java.util.List;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Warns of an H2 database file that answers commits before they are on disk.
 *
 * @since 0.1
 */
public final class H2WriteDelayCheck implements InitializingBean {

    private static final Logger log = LoggerFactory.getLogger(H2WriteDelayCheck.class);

    private static final String WRITE_DELAY = """
            SELECT SETTING_VALUE
            FROM INFORMATION_SCHEMA.SETTINGS
            WHERE SETTING_NAME = 'WRITE_DELAY'""";

    private static final String FILE = """
            SELECT DATABASE_PATH()""";

    private final JdbcTemplate jdbc;
    private final Dialect dialect;

    /** Creates the check of one data source. */
    public H2WriteDelayCheck(DataSource dataSource, Dialect dialect) {
        this.jdbc = new JdbcTemplate(dataSource);
        this.dialect = dialect;
    }

    @Override
    public void afterPropertiesSet() {
        if (dialect != Dialect.H2 || jdbc.queryForObject(FILE, String.class) == null) {
            return;
        }
        List<String> delays = jdbc.queryForList(WRITE_DELAY, String.class);
        if (delays.stream().anyMatch(delay -> !delay.equals("0"))) {
            log.warn(
                    "The H2 database answers commits up to {} ms before they are on disk: a crash in that time loses"
                            + " committed transactions whose messages may have been sent. Add ;WRITE_DELAY=0 to"
                            + " spring.datasource.url",
                    delays.get(0));
        }
    }
}
