package dev.tally.consume;

import dev.tally.jdbc.Dialect;
import dev.tally.jdbc.InsertKeysIfAbsent;
import dev.tally.jdbc.PurgeBatch;
import dev.tally.message.MessageId;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The inbox in the table {@code tally_inbox}, through the connection that Spring has bound to the transaction.
 * Thread-safe.
 *
 * <p>Rows have to outlive the longest time after which a message may come again (redelivery, dead-letter replay); a
 * duplicate that comes after its row was purged takes effect again.
 *
 * @since 0.1
 */
public final class JdbcInboxStore implements InboxStore {

    private final JdbcTemplate jdbc;
    private final InsertKeysIfAbsent insert;
    private final PurgeBatch purge;

    /**
     * Creates the inbox of one data source.
     *
     * @param transactions the transaction manager of that data source
     */
    public JdbcInboxStore(DataSource dataSource, PlatformTransactionManager transactions, Dialect dialect) {
        this.jdbc = new JdbcTemplate(dataSource);
        this.insert = new InsertKeysIfAbsent(dialect, "tally_inbox", "consumer_group", "message_id");
        this.purge = new PurgeBatch(
                jdbc,
                transactions,
                dialect,
                "tally_inbox",
                List.of("consumer_group", "message_id"),
                "handled_at",
                PurgeBatch.Order.AGE);
    }

    /** @throws IllegalTransactionStateException outside a transaction */
    @Override
    public Set<MessageId> insertNew(String group, List<MessageId> ids) {
        if (!TransactionSynchronizationManager.isActualTransactionActive()) {
            throw new IllegalTransactionStateException("Cannot insert " + ids.size() + " messages of group " + group
                    + " into the inbox: there is no transaction");
        }
        // In the order of the primary key: two batches with common messages wait for each other in one direction only.
        List<String> inKeyOrder =
                ids.stream().map(MessageId::value).distinct().sorted().toList();
        Set<String> inserted = insert.insert(jdbc, group, inKeyOrder);
        Set<MessageId> inGivenOrder = new LinkedHashSet<>(ids);
        inGivenOrder.removeIf(id -> !inserted.contains(id.value()));
        return inGivenOrder;
    }

    @Override
    public int purge(Duration age, int limit) {
        return purge.run(age, limit);
    }
}
