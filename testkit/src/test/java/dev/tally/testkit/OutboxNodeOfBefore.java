package dev.tally.testkit;

import dev.tally.message.Message;
import java.sql.Types;
import java.util.List;
import org.springframework.jdbc.core.JdbcTemplate;

/** The statements of a node of version 1 of the tables, which knows no lanes, run when told. */
final class OutboxNodeOfBefore {

    private final JdbcTemplate jdbc;
    private final RecordingTransport transport;
    private final String now;
    private final String age;
    private final String name;

    OutboxNodeOfBefore(TestDatabase database, RecordingTransport transport, String name) {
        this.jdbc = new JdbcTemplate(database.dataSource());
        this.transport = transport;
        this.now = database.dialect().now();
        this.age = database.dialect().ageMillis("heartbeat_at");
        this.name = name;
    }

    void register() {
        for (String owner : List.of(name, name + "~")) {
            jdbc.update(
                    "INSERT INTO tally_outbox_node (node_id, keeper, instance, heartbeat_at) VALUES (?, ?, NULL, " + now
                            + ")",
                    owner,
                    name);
        }
    }

    void heartbeat() {
        jdbc.update(
                "UPDATE tally_outbox_node SET heartbeat_at = " + now + " WHERE node_id = ? AND keeper = ?", name, name);
    }

    void insert(String key, String id) {
        Message message = OutboxNode.message(key, id);
        jdbc.update(
                "INSERT INTO tally_outbox (owner, message_id, topic, tag, msg_key, type, headers, payload)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                new Object[] {
                    name, id, message.destination().topic(), null, key, message.type(), null, message.payload()
                },
                new int[] {
                    Types.VARCHAR,
                    Types.VARCHAR,
                    Types.VARCHAR,
                    Types.VARCHAR,
                    Types.VARCHAR,
                    Types.VARCHAR,
                    Types.VARCHAR,
                    Types.BINARY
                });
    }

    /** Sends and removes what it keeps itself, by id. */
    int sendOwn() {
        return send("SELECT id, owner, message_id, msg_key FROM tally_outbox WHERE owner = ? ORDER BY id", name);
    }

    /** Adopts what silent nodes kept, and sends and removes it, by id. */
    int adoptAndSend() {
        List<String> dead = jdbc.queryForList(
                "SELECT node_id FROM tally_outbox_node WHERE node_id = keeper AND node_id <> ? AND " + age + " > 3000",
                String.class,
                name);
        for (String node : dead) {
            jdbc.update("UPDATE tally_outbox_node SET keeper = ? WHERE node_id = ? AND keeper = node_id", name, node);
            jdbc.update("UPDATE tally_outbox_node SET keeper = ? WHERE keeper = ?", name, node);
        }
        return send(
                "SELECT o.id, o.owner, o.message_id, o.msg_key FROM tally_outbox o"
                        + " JOIN tally_outbox_node n ON n.node_id = o.owner"
                        + " WHERE n.keeper = ? AND n.node_id <> n.keeper ORDER BY o.id",
                name);
    }

    private int send(String select, String parameter) {
        List<String[]> rows = jdbc.query(
                select,
                (row, number) -> new String[] {
                    row.getString("id"), row.getString("owner"), row.getString("message_id"), row.getString("msg_key")
                },
                parameter);
        for (String[] row : rows) {
            transport.send(List.of(OutboxNode.message(row[3], row[2])));
            jdbc.update("DELETE FROM tally_outbox WHERE owner = ? AND id = ?", row[1], Long.parseLong(row[0]));
        }
        return rows.size();
    }
}
