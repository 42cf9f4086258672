package dev.tally.boot.diagnostics;

import dev.tally.jdbc.Dialect;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.util.unit.DataSize;

/**
 * Looks at the settings of MySQL and MariaDB that a transaction and its messages depend on. Ends the start-up where they
 * could not settle together, and warns where a crash of the server could part them, or a payload may be too large.
 *
 * @since 0.1
 */
public final class MySqlSettingsCheck implements InitializingBean {

    private static final Logger log = LoggerFactory.getLogger(MySqlSettingsCheck.class);

    /** What a statement needs beside its payload: headers, key, names. */
    private static final long PACKET_RESERVE_BYTES = 1 << 20;

    private static final String SETTINGS = """
            SHOW VARIABLES
            WHERE Variable_name IN ('innodb_flush_log_at_trx_commit', 'log_bin', 'sync_binlog', 'binlog_format',
                                    'max_allowed_packet', 'sql_mode')""";

    private static final String DEFAULT_ENGINE = """
            SELECT engine FROM information_schema.engines
            WHERE support = 'DEFAULT' AND (transactions IS NULL OR transactions <> 'YES')""";

    private static final String OTHER_ENGINES = """
            SELECT CONCAT(table_name, ' (', engine, ')') FROM information_schema.tables
            WHERE table_schema = DATABASE() AND table_name LIKE 'tally\\_%' AND engine <> 'InnoDB'""";

    private final JdbcTemplate jdbc;
    private final Dialect dialect;
    private final DataSize largestPayload;
    private final List<String> faults = new ArrayList<>();
    private final List<String> remedies = new ArrayList<>();

    /**
     * Creates the check of one data source.
     *
     * @param largestPayload of the messages that are to be stored
     */
    public MySqlSettingsCheck(DataSource dataSource, Dialect dialect, DataSize largestPayload) {
        this.jdbc = new JdbcTemplate(dataSource);
        this.dialect = dialect;
        this.largestPayload = largestPayload;
    }

    /** Checks them, throwing {@link DatabaseSettingsException} if Tally cannot work with them. */
    @Override
    public void afterPropertiesSet() {
        if (!dialect.isMySqlFamily()) {
            return;
        }
        Map<String, String> settings = new HashMap<>();
        jdbc.query(SETTINGS, row -> {
            settings.put(
                    row.getString(1).toLowerCase(Locale.ROOT), row.getString(2).toUpperCase(Locale.ROOT));
        });
        refuseTablesWithoutTransactions();
        refuseSettings(settings);
        if (!faults.isEmpty()) {
            throw new DatabaseSettingsException(List.copyOf(faults), List.copyOf(remedies));
        }
        warnOfLostCommits(settings);
        warnOfSmallPackets(settings);
    }

    private void refuse(String fault, String remedy) {
        faults.add(fault);
        remedies.add(remedy);
    }

    private void refuseTablesWithoutTransactions() {
        for (String engine : jdbc.queryForList(DEFAULT_ENGINE, String.class)) {
            refuse(
                    "new tables get the storage engine " + engine
                            + ", which has no transactions: what a business method"
                            + " writes there stays when its transaction rolls back, and its messages go",
                    "Set default_storage_engine=InnoDB.");
        }
        for (String table : jdbc.queryForList(OTHER_ENGINES, String.class)) {
            refuse(
                    "table " + table + " is not in InnoDB",
                    "Run ALTER TABLE ... ENGINE = InnoDB while no application uses the table.");
        }
    }

    private void refuseSettings(Map<String, String> settings) {
        String mode = settings.getOrDefault("sql_mode", "");
        if (!mode.contains("STRICT_TRANS_TABLES") && !mode.contains("STRICT_ALL_TABLES")) {
            refuse(
                    "sql_mode is not strict: keys and ids that are too long are cut instead of refused",
                    "Add STRICT_TRANS_TABLES to sql_mode.");
        }
        if (isOn(settings, "log_bin") && "STATEMENT".equals(settings.get("binlog_format"))) {
            refuse(
                    "binlog_format=STATEMENT, with which the server refuses to write in READ COMMITTED transactions",
                    "Set binlog_format to ROW (or MIXED).");
        }
    }

    private static void warnOfLostCommits(Map<String, String> settings) {
        // 3 is MariaDB's, and writes more often than 1.
        String flush = settings.getOrDefault("innodb_flush_log_at_trx_commit", "1");
        if (!flush.equals("1") && !flush.equals("3")) {
            log.warn(
                    "The database has innodb_flush_log_at_trx_commit={} and answers commits up to a second before they"
                            + " are on disk: a crash loses committed transactions whose messages may have been sent. Set"
                            + " it to 1",
                    flush);
        }
        String sync = settings.getOrDefault("sync_binlog", "1");
        if (isOn(settings, "log_bin") && !sync.equals("1")) {
            log.warn(
                    "The database has sync_binlog={} with its binary log on: after a power cut it takes back committed"
                            + " transactions that are not in that log, whose messages may have been sent. Set it to 1",
                    sync);
        }
    }

    private void warnOfSmallPackets(Map<String, String> settings) {
        long packet = Long.parseLong(settings.getOrDefault("max_allowed_packet", "0"));
        // Drivers send a payload as text, with up to two bytes for each.
        long needed = 2 * largestPayload.toBytes() + PACKET_RESERVE_BYTES;
        if (packet > 0 && packet < needed) {
            log.warn(
                    "The database has max_allowed_packet={}: transactions with a message above {} bytes may fail, and"
                            + " tally.jdbc.largest-payload says {} bytes. Set it to {} or more",
                    packet,
                    Math.max(0, (packet - PACKET_RESERVE_BYTES) / 2),
                    largestPayload.toBytes(),
                    needed);
        }
    }

    private static boolean isOn(Map<String, String> settings, String name) {
        String value = settings.get(name);
        return "ON".equals(value) || "1".equals(value);
    }
}
