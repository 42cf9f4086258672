package dev.tally.reply;

import dev.tally.jdbc.Dialect;
import dev.tally.jdbc.InsertIfAbsent;
import dev.tally.jdbc.PurgeBatch;
import dev.tally.message.MessageId;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.support.DataAccessUtils;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Replies in the table {@code tally_reply}, through the connection that Spring has bound to the transaction. Thread-safe.
 *
 * @since 0.1
 */
public final class JdbcReplyStore implements ReplyStore {

    private static final String INSERT = """
            INSERT INTO tally_reply (
                consumer_group,
                message_id,
                fingerprint,
                status,
                content_type,
                headers,
                body)
            VALUES (?, ?, ?, ?, ?, ?, ?)""";

    private static final String REPLACE = """
            UPDATE tally_reply
            SET fingerprint = ?,
                status = ?,
                content_type = ?,
                headers = ?,
                body = ?,
                created_at = %s
            WHERE consumer_group = ? AND message_id = ?""";

    private static final String FIND = """
            SELECT fingerprint,
                status,
                content_type,
                headers,
                body
            FROM tally_reply
            WHERE consumer_group = ? AND message_id = ?""";

    private final JdbcTemplate jdbc;
    private final InsertIfAbsent insert;
    private final String replace;
    private final PurgeBatch purge;

    /**
     * Creates the store of one data source.
     *
     * @param transactions the transaction manager of that data source
     */
    public JdbcReplyStore(DataSource dataSource, PlatformTransactionManager transactions, Dialect dialect) {
        this.jdbc = new JdbcTemplate(dataSource);
        this.insert = new InsertIfAbsent(dialect, INSERT);
        this.replace = REPLACE.formatted(dialect.now());
        this.purge = new PurgeBatch(
                jdbc,
                transactions,
                dialect,
                "tally_reply",
                List.of("consumer_group", "message_id"),
                "created_at",
                PurgeBatch.Order.AGE);
    }

    @Override
    public void put(String group, MessageId id, StoredReply reply) {
        if (!TransactionSynchronizationManager.isActualTransactionActive()) {
            throw new IllegalTransactionStateException(
                    "Cannot keep the reply to " + id + " of group " + group + ": there is no transaction");
        }
        boolean inserted = insert.insert(jdbc, row -> {
            row.setString(1, group);
            row.setString(2, id.value());
            setReply(row, 3, reply);
        });
        if (!inserted) {
            jdbc.update(replace, row -> {
                setReply(row, 1, reply);
                row.setString(6, group);
                row.setString(7, id.value());
            });
        }
    }

    private static void setReply(PreparedStatement row, int from, StoredReply reply) throws SQLException {
        row.setString(from, reply.fingerprint());
        row.setInt(from + 1, reply.status());
        row.setString(from + 2, reply.contentType());
        row.setString(from + 3, reply.headers());
        row.setBytes(from + 4, reply.body());
    }

    @Override
    public @Nullable StoredReply find(String group, MessageId id) {
        return DataAccessUtils.singleResult(jdbc.query(
                FIND,
                (row, number) -> new StoredReply(
                        row.getString(1), row.getInt(2), row.getString(3), row.getString(4), row.getBytes(5)),
                group,
                id.value()));
    }

    @Override
    public int purge(Duration age, int limit) {
        return purge.run(age, limit);
    }
}
