package dev.tally.outbox.jdbc;

import dev.tally.jdbc.Dialect;
import dev.tally.message.Message;
import dev.tally.outbox.BacklogPage;
import dev.tally.outbox.Fate;
import dev.tally.outbox.OutboxEntry;
import dev.tally.outbox.OutboxNodes;
import dev.tally.outbox.OutboxOwner;
import dev.tally.outbox.OutboxStore;
import dev.tally.outbox.OutboxTableStats;
import dev.tally.outbox.ParkedEntry;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The outbox in the tables {@code tally_outbox} and {@code tally_outbox_node}. Thread-safe.
 *
 * @since 0.1
 */
public final class JdbcOutboxStore implements OutboxStore, OutboxNodes {

    private final EntryTable entries;
    private final ParkedRows parked;
    private final NodeTable nodes;

    private JdbcOutboxStore(DataSource dataSource, Dialect dialect) {
        DataSource target = OwnTransactions.unwrap(dataSource);
        OwnTransactions transactions = new OwnTransactions(target, dialect);
        this.entries = new EntryTable(target, dialect, transactions);
        this.parked = new ParkedRows(dialect, transactions);
        this.nodes = new NodeTable(dialect, transactions);
    }

    /**
     * Creates the store. The tables must be there when it is used.
     *
     * @param dataSource the data source of the business transactions; the relay takes connections of its own from it,
     *     up to four at a time
     * @param dialect its dialect
     */
    public static JdbcOutboxStore create(DataSource dataSource, Dialect dialect) {
        return new JdbcOutboxStore(dataSource, dialect);
    }

    @Override
    public List<OutboxEntry> insert(String owner, List<Message> messages) {
        return entries.insert(owner, messages);
    }

    @Override
    public Fate fateOf(String owner, long id) {
        return entries.fateOf(owner, id);
    }

    @Override
    public int complete(String owner, Collection<Long> ids) {
        return entries.complete(owner, ids);
    }

    @Override
    public boolean recordFailure(String keeper, String owner, long id, int attempts, String reason) {
        return entries.recordFailure(keeper, owner, id, attempts, reason);
    }

    @Override
    public boolean park(String keeper, String owner, long id, int attempts, String reason) {
        return entries.park(keeper, owner, id, attempts, reason);
    }

    @Override
    public BacklogPage readAfter(Collection<String> owners, long afterId, int limit) {
        return entries.readAfter(owners, afterId, limit);
    }

    @Override
    public Set<String> ownersWithRows() {
        return entries.ownersWithRows();
    }

    @Override
    public List<ParkedEntry> parked(long afterId, int limit) {
        return parked.parked(afterId, limit);
    }

    @Override
    public boolean resume(long id) {
        return parked.resume(id);
    }

    @Override
    public boolean discard(long id) {
        return parked.discard(id);
    }

    @Override
    public OutboxTableStats stats() {
        return parked.stats(entries.ownersWithRows());
    }

    @Override
    public void register(String nodeId, String spillOwner, @Nullable String instance) {
        nodes.register(nodeId, spillOwner, instance);
    }

    @Override
    public boolean heartbeat(String nodeId) {
        return nodes.heartbeat(nodeId);
    }

    @Override
    public List<OutboxOwner> owners(Duration expiry) {
        return nodes.owners(expiry);
    }

    @Override
    public boolean adopt(String keeper, String deadKeeper, Duration expiry) {
        return nodes.adopt(keeper, deadKeeper, expiry);
    }

    @Override
    public boolean adoptUnlisted(String keeper, String owner) {
        return nodes.adoptUnlisted(keeper, owner);
    }

    @Override
    public boolean forget(String keeper, String owner) {
        return nodes.forget(keeper, owner);
    }

    @Override
    public void release(String nodeId) {
        nodes.release(nodeId);
    }
}
