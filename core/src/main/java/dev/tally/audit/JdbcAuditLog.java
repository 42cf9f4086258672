package dev.tally.audit;

import java.util.function.Supplier;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The audit log in the table {@code tally_audit}. Its rows are never removed by Tally. Thread-safe.
 *
 * @since 0.1
 */
public final class JdbcAuditLog implements AuditLog {

    private static final Logger log = LoggerFactory.getLogger(JdbcAuditLog.class);

    private static final String INSERT = """
            INSERT INTO tally_audit (audit_id, actor, action, subject, reason, detail) VALUES (?, ?, ?, ?, ?, ?)""";

    private final JdbcTemplate jdbc;
    private final Supplier<String> ids;

    /**
     * Creates the log.
     *
     * @param ids gives ids of at most 64 characters, unique for ever
     */
    public JdbcAuditLog(DataSource dataSource, Supplier<String> ids) {
        this.jdbc = new JdbcTemplate(dataSource);
        this.ids = ids;
    }

    @Override
    public void record(AuditEntry entry) {
        jdbc.update(INSERT, ids.get(), entry.actor(), entry.action(), entry.subject(), entry.reason(), entry.detail());
        log.info(
                "by hand: action={} subject={} actor={} detail={}",
                entry.action(),
                entry.subject(),
                entry.actor(),
                entry.detail());
    }
}
