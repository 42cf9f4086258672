package dev.tally.boot.diagnostics;

import java.sql.Types;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.core.io.ClassPathResource;

/** The tables and columns that this version works with, and the scripts that bring them. */
final class ExpectedTables {

    /** What a column holds, told apart as loosely as possible: databases and drivers have many names for the same. */
    enum Kind {
        TEXT,
        NUMBER,
        BYTES,
        TIME;

        boolean fits(int jdbcType) {
            return switch (jdbcType) {
                case Types.CHAR,
                        Types.VARCHAR,
                        Types.LONGVARCHAR,
                        Types.NCHAR,
                        Types.NVARCHAR,
                        Types.LONGNVARCHAR,
                        Types.CLOB -> this == TEXT;
                case Types.TINYINT, Types.SMALLINT, Types.INTEGER, Types.BIGINT, Types.NUMERIC, Types.DECIMAL ->
                    this == NUMBER;
                case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY, Types.BLOB -> this == BYTES;
                case Types.TIMESTAMP, Types.TIMESTAMP_WITH_TIMEZONE -> this == TIME;
                default -> false;
            };
        }
    }

    record Column(String name, Kind kind, String script) {}

    private final Map<String, List<Column>> columns = new LinkedHashMap<>();

    private ExpectedTables() {}

    /** The columns of each table. */
    static Map<String, List<Column>> all() {
        ExpectedTables tables = new ExpectedTables();
        tables.core();
        tables.outbox();
        // The module is optional; its scripts are run where it is there.
        if (new ClassPathResource("tally/schema/saga/changelog.xml").exists()) {
            tables.saga();
        }
        return tables.columns;
    }

    private void core() {
        String ledgerAndInbox = "core/%s/V1__ledger_and_inbox.sql";
        add("tally_transaction", ledgerAndInbox, Kind.TEXT, "transaction_id", "state");
        add("tally_transaction", ledgerAndInbox, Kind.TIME, "created_at");
        add("tally_inbox", ledgerAndInbox, Kind.TEXT, "consumer_group", "message_id");
        add("tally_inbox", ledgerAndInbox, Kind.TIME, "handled_at");
        String audit = "core/%s/V2__audit.sql";
        add("tally_audit", audit, Kind.TEXT, "audit_id", "actor", "action", "subject", "reason", "detail");
        add("tally_audit", audit, Kind.TIME, "done_at");
        String replies = "core/%s/V3__replies.sql";
        add(
                "tally_reply",
                replies,
                Kind.TEXT,
                "consumer_group",
                "message_id",
                "fingerprint",
                "content_type",
                "headers");
        add("tally_reply", replies, Kind.NUMBER, "status");
        add("tally_reply", replies, Kind.BYTES, "body");
        add("tally_reply", replies, Kind.TIME, "created_at");
        String letters = "core/%s/V4__dead_letters.sql";
        add("tally_dead_letter", letters, Kind.TEXT, "consumer_group", "message_id", "topic", "tag", "msg_key", "type");
        add("tally_dead_letter", letters, Kind.TEXT, "headers", "reason", "exception", "stack");
        add("tally_dead_letter", letters, Kind.BYTES, "payload");
        add("tally_dead_letter", letters, Kind.NUMBER, "attempts", "stored_at", "replay_at", "replay_forced");
        add("tally_dead_letter", letters, Kind.TIME, "dead_at");
    }

    private void outbox() {
        String outbox = "outbox/%s/V1__outbox.sql";
        String[] message = {"message_id", "topic", "tag", "msg_key", "type", "headers"};
        add("tally_outbox", outbox, Kind.TEXT, "owner", "state", "last_error");
        add("tally_outbox", outbox, Kind.TEXT, message);
        add("tally_outbox", outbox, Kind.NUMBER, "id", "attempts");
        add("tally_outbox", outbox, Kind.BYTES, "payload");
        add("tally_outbox", outbox, Kind.TIME, "created_at");
        add("tally_outbox_node", outbox, Kind.TEXT, "node_id", "keeper", "instance");
        add("tally_outbox_node", outbox, Kind.TIME, "heartbeat_at");
        String lanes = "outbox/%s/V2__lanes.sql";
        add("tally_outbox_node", lanes, Kind.NUMBER, "epoch", "seen", "ready");
        add("tally_outbox_lanes", lanes, Kind.NUMBER, "id", "lanes", "generation");
        String archive = "outbox/%s/V3__archive.sql";
        add("tally_outbox", archive, Kind.NUMBER, "format");
        add("tally_outbox_archive", archive, Kind.TEXT, message);
        add("tally_outbox_archive", archive, Kind.NUMBER, "id", "format", "attempts");
        add("tally_outbox_archive", archive, Kind.BYTES, "payload");
        add("tally_outbox_archive", archive, Kind.TIME, "created_at", "sent_at");
        String operations = "outbox/%s/V4__operations.sql";
        add("tally_outbox_node", operations, Kind.NUMBER, "circuit_open");
        add("tally_outbox_pause", operations, Kind.NUMBER, "id");
        add("tally_outbox_pause", operations, Kind.TEXT, "paused_by", "reason");
        add("tally_outbox_pause", operations, Kind.TIME, "paused_at");
        add("tally_outbox_revision", operations, Kind.NUMBER, "revision", "row_id");
        add("tally_outbox_revision", operations, Kind.TIME, "kept_at");
        add("tally_outbox_revision", operations, Kind.TEXT, "action");
        add("tally_outbox_revision", operations, Kind.TEXT, message);
        add("tally_outbox_revision", operations, Kind.BYTES, "payload");
        String blockedKeys = "outbox/%s/V5__blocked_keys.sql";
        add("tally_outbox_blocked", blockedKeys, Kind.NUMBER, "parked_id");
        add("tally_outbox_blocked", blockedKeys, Kind.TEXT, "lane", "msg_key");
    }

    private void saga() {
        String sagas = "saga/%s/V1__sagas.sql";
        add("tally_saga", sagas, Kind.TEXT, "saga_id", "saga_name", "fingerprint", "business_key", "state");
        add(
                "tally_saga",
                sagas,
                Kind.TEXT,
                "parked_kind",
                "parked_reason",
                "steps",
                "data",
                "parent_id",
                "parent_step");
        add("tally_saga", sagas, Kind.NUMBER, "definition_version", "backward", "version", "parent_attempt");
        add("tally_saga", sagas, Kind.NUMBER, "parent_undo", "started_at", "deadline_at", "wake_at", "ended_at");
        add("tally_saga_history", sagas, Kind.TEXT, "saga_id", "events", "actor", "reason", "data");
        add("tally_saga_history", sagas, Kind.NUMBER, "version", "at");
        add("tally_saga_mail", sagas, Kind.TEXT, "saga_id", "mail_id", "kind", "name", "headers", "type", "why");
        add("tally_saga_mail", sagas, Kind.BYTES, "payload");
        add("tally_saga_mail", sagas, Kind.NUMBER, "at");
        String locks = "saga/%s/V3__locks.sql";
        add("tally_saga_lock", locks, Kind.TEXT, "resource", "owner");
        add("tally_saga_lock", locks, Kind.NUMBER, "acquired_at", "lease_until", "contended");
        add("tally_saga_lock_waiter", locks, Kind.TEXT, "resource", "saga_id");
        add("tally_saga_lock_waiter", locks, Kind.NUMBER, "place", "since", "lease_millis");
        add("tally_saga_lock_queue", locks, Kind.NUMBER, "id", "places");
    }

    private void add(String table, String script, Kind kind, String... names) {
        List<Column> known = columns.computeIfAbsent(table, name -> new ArrayList<>());
        for (String name : names) {
            known.add(new Column(name, kind, script));
        }
    }
}
