package dev.tally.outbox.jdbc;

import dev.tally.jdbc.Dialect;
import dev.tally.message.Message;
import dev.tally.outbox.BacklogPage;
import dev.tally.outbox.BlockedKey;
import dev.tally.outbox.DueRows;
import dev.tally.outbox.Fate;
import dev.tally.outbox.NodesView;
import dev.tally.outbox.OutboxEntry;
import dev.tally.outbox.OutboxNodes;
import dev.tally.outbox.OutboxRetention;
import dev.tally.outbox.OutboxStore;
import dev.tally.outbox.OutboxTableStats;
import dev.tally.outbox.ParkedEntry;
import dev.tally.outbox.RowPlace;
import dev.tally.outbox.StoredTypes;
import dev.tally.outbox.WaitingRows;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The outbox in the tables {@code tally_outbox}, {@code tally_outbox_node}, {@code tally_outbox_lanes} and
 * {@code tally_outbox_blocked}. Thread-safe.
 *
 * @since 0.1
 */
public final class JdbcOutboxStore implements OutboxStore, OutboxNodes, WaitingRows {

    private final EntryTable entries;
    private final ParkedRows parked;
    private final NodeTable nodes;
    private final TypesInTable types;
    private final WaitingTable waiting;

    private JdbcOutboxStore(DataSource dataSource, Dialect dialect, OutboxRetention retention) {
        DataSource target = OwnTransactions.unwrap(dataSource);
        OwnTransactions transactions = new OwnTransactions(target, dialect);
        SentRows sent = retention == OutboxRetention.ARCHIVE ? SentRows.archived(dialect) : SentRows.deleted(dialect);
        this.entries = new EntryTable(target, dialect, transactions, sent);
        this.parked = new ParkedRows(dialect, transactions);
        this.nodes = new NodeTable(dialect, transactions);
        this.types = new TypesInTable(dialect, transactions);
        this.waiting = new WaitingTable(dialect, transactions, entries);
    }

    /**
     * Creates the store, which deletes sent rows. The tables must be there when it is used.
     *
     * @param dataSource the data source of the business transactions; the relay takes connections of its own from it,
     *     up to four at a time
     * @param dialect its dialect
     */
    public static JdbcOutboxStore create(DataSource dataSource, Dialect dialect) {
        return create(dataSource, dialect, OutboxRetention.DELETE);
    }

    /** The same, with what becomes of sent rows. */
    public static JdbcOutboxStore create(DataSource dataSource, Dialect dialect, OutboxRetention retention) {
        return new JdbcOutboxStore(dataSource, dialect, retention);
    }

    @Override
    public List<OutboxEntry> insert(Function<Message, String> ownerOf, List<Message> messages) {
        return entries.insert(ownerOf, messages);
    }

    @Override
    public Fate fateOf(String owner, long id) {
        return entries.fateOf(owner, id);
    }

    @Override
    public int complete(Map<String, ? extends Collection<Long>> idsByOwner) {
        return entries.complete(idsByOwner);
    }

    @Override
    public boolean recordFailure(String keeper, long epoch, String owner, long id, int attempts, String reason) {
        return entries.recordFailure(keeper, epoch, owner, id, attempts, reason);
    }

    @Override
    public boolean park(String keeper, long epoch, String owner, long id, int attempts, String reason) {
        return entries.park(keeper, epoch, owner, id, attempts, reason);
    }

    @Override
    public BacklogPage readAfter(Collection<String> owners, long afterId, int limit) {
        return entries.readAfter(owners, afterId, limit);
    }

    @Override
    public List<RowPlace> waiting(Collection<String> owners, int limit) {
        return entries.waiting(owners, limit);
    }

    @Override
    public List<OutboxEntry> read(Collection<RowPlace> places) {
        return entries.read(places);
    }

    @Override
    public Set<String> ownersWithRows() {
        return entries.ownersWithRows();
    }

    @Override
    public long highestId(Collection<String> owners) {
        return entries.highestId(owners);
    }

    @Override
    public DueRows releaseDue(String owner, int limit) {
        return waiting.releaseDue(owner, limit);
    }

    @Override
    public boolean block(String keeper, long epoch, OutboxEntry entry, int attempts, String reason) {
        return waiting.block(keeper, epoch, entry, attempts, reason);
    }

    @Override
    public List<BlockedKey> blockedKeys() {
        return waiting.blockedKeys();
    }

    @Override
    public int hold(String keeper, long epoch, BlockedKey key, Collection<Long> ids) {
        return waiting.move(keeper, epoch, key, key.lane(), key.owner(), ids);
    }

    @Override
    public int letGo(String keeper, long epoch, BlockedKey key, Collection<Long> ids) {
        return waiting.move(keeper, epoch, key, key.owner(), key.lane(), ids);
    }

    @Override
    public boolean unblock(BlockedKey key) {
        return waiting.unblock(key);
    }

    @Override
    public List<ParkedEntry> parked(long afterId, int limit) {
        return parked.parked(afterId, limit);
    }

    @Override
    public OutboxTableStats stats() {
        return parked.stats(entries.ownersAndLanesWithRows());
    }

    /**
     * Counts rows by their types, in a short transaction of its own.
     *
     * @param limit parked rows looked at, at most, and as many others
     */
    public StoredTypes storedTypes(int limit) {
        return types.count(limit);
    }

    @Override
    public void requireLanes(int lanes) {
        nodes.requireLanes(lanes);
    }

    @Override
    public long register(String nodeId, String spillOwner, @Nullable String instance, int lanes) {
        return nodes.register(nodeId, spillOwner, instance, lanes);
    }

    @Override
    public boolean heartbeat(String nodeId, boolean circuitOpen) {
        return nodes.heartbeat(nodeId, circuitOpen);
    }

    @Override
    public NodesView view(Duration expiry) {
        return nodes.view(expiry);
    }

    @Override
    public boolean acknowledge(String nodeId, long generation, boolean ready) {
        return nodes.acknowledge(nodeId, generation, ready);
    }

    @Override
    public boolean handOver(String owner, String keeper, long epoch, String to) {
        return nodes.handOver(owner, keeper, epoch, to);
    }

    @Override
    public @Nullable Set<String> openTransactions() {
        return nodes.openTransactions();
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
