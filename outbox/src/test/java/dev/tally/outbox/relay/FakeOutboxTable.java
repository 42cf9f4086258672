package dev.tally.outbox.relay;

import dev.tally.message.Message;
import dev.tally.outbox.BacklogPage;
import dev.tally.outbox.Fate;
import dev.tally.outbox.OutboxEntry;
import dev.tally.outbox.OutboxNodes;
import dev.tally.outbox.OutboxOwner;
import dev.tally.outbox.OutboxStore;
import dev.tally.outbox.OutboxStoreException;
import dev.tally.outbox.OutboxTableStats;
import dev.tally.outbox.ParkedEntry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Both tables in memory, with transactions that commit when told. */
final class FakeOutboxTable implements OutboxStore, OutboxNodes {

    private record Node(String keeper, Instant heartbeat, String instance) {}

    final TreeMap<Long, OutboxEntry> rows = new TreeMap<>();
    final TreeMap<Long, ParkedEntry> parked = new TreeMap<>();
    private final TreeMap<Long, OutboxEntry> uncommitted = new TreeMap<>();
    private final Map<String, Node> nodes = new HashMap<>();
    private final InstantSource clock;
    private long lastId;
    boolean down;
    int reads;

    FakeOutboxTable(InstantSource clock) {
        this.clock = clock;
    }

    private void requireUp() {
        if (down) {
            throw new OutboxStoreException("Cannot reach the table", new java.sql.SQLException("down"));
        }
    }

    @Override
    public List<OutboxEntry> insert(String owner, List<Message> messages) {
        requireUp();
        List<OutboxEntry> entries = new ArrayList<>();
        for (Message message : messages) {
            OutboxEntry entry = new OutboxEntry(++lastId, owner, message, 0);
            entries.add(entry);
            uncommitted.put(entry.id(), entry);
        }
        return entries;
    }

    void commit(List<Long> ids) {
        ids.forEach(id -> rows.put(id, uncommitted.remove(id)));
    }

    void rollBack(List<Long> ids) {
        ids.forEach(uncommitted::remove);
    }

    List<Long> uncommittedSince(long id) {
        return List.copyOf(uncommitted.tailMap(id, false).keySet());
    }

    long lastId() {
        return lastId;
    }

    @Override
    public Fate fateOf(String owner, long id) {
        requireUp();
        if (uncommitted.containsKey(id)) {
            return Fate.UNDECIDED;
        }
        return rows.containsKey(id) ? Fate.COMMITTED : Fate.ROLLED_BACK;
    }

    @Override
    public int complete(String owner, Collection<Long> ids) {
        requireUp();
        int removed = 0;
        for (long id : ids) {
            removed += rows.remove(id) == null ? 0 : 1;
        }
        return removed;
    }

    @Override
    public boolean recordFailure(String keeper, String owner, long id, int attempts, String reason) {
        requireUp();
        OutboxEntry row = rows.get(id);
        if (row == null || !keeps(keeper, owner)) {
            return false;
        }
        rows.put(id, new OutboxEntry(id, row.owner(), row.message(), attempts));
        return true;
    }

    private boolean keeps(String keeper, String owner) {
        Node node = nodes.get(owner);
        return node != null && node.keeper().equals(keeper);
    }

    @Override
    public boolean park(String keeper, String owner, long id, int attempts, String reason) {
        requireUp();
        if (!rows.containsKey(id) || !keeps(keeper, owner)) {
            return false;
        }
        parked.put(id, new ParkedEntry(id, rows.remove(id).message(), attempts, reason, clock.instant()));
        return true;
    }

    @Override
    public BacklogPage readAfter(Collection<String> owners, long afterId, int limit) {
        requireUp();
        reads++;
        List<OutboxEntry> page = rows.tailMap(afterId, false).values().stream()
                .filter(row -> owners.contains(row.owner()))
                .limit(limit)
                .toList();
        long last = page.isEmpty() ? afterId : page.get(page.size() - 1).id();
        return new BacklogPage(page, last, page.size() == limit);
    }

    @Override
    public Set<String> ownersWithRows() {
        requireUp();
        Set<String> owners = new HashSet<>();
        rows.values().forEach(row -> owners.add(row.owner()));
        return owners;
    }

    @Override
    public List<ParkedEntry> parked(long afterId, int limit) {
        return parked.tailMap(afterId, false).values().stream().limit(limit).toList();
    }

    @Override
    public boolean resume(long id) {
        ParkedEntry entry = parked.remove(id);
        if (entry != null) {
            rows.put(id, new OutboxEntry(id, UNOWNED, entry.message(), 0));
        }
        return entry != null;
    }

    @Override
    public boolean discard(long id) {
        return parked.remove(id) != null;
    }

    @Override
    public OutboxTableStats stats() {
        return new OutboxTableStats(rows.size(), parked.size(), null);
    }

    @Override
    public void register(String nodeId, String spillOwner, String instance) {
        requireUp();
        if (instance != null) {
            nodes.replaceAll((owner, node) ->
                    instance.equals(node.instance()) ? new Node(node.keeper(), Instant.EPOCH, instance) : node);
        }
        nodes.put(nodeId, new Node(nodeId, clock.instant(), instance));
        nodes.put(spillOwner, new Node(nodeId, clock.instant(), instance));
    }

    @Override
    public boolean heartbeat(String nodeId) {
        requireUp();
        Node node = nodes.get(nodeId);
        if (node == null || !node.keeper().equals(nodeId)) {
            return false;
        }
        nodes.put(nodeId, new Node(nodeId, clock.instant(), node.instance()));
        return true;
    }

    @Override
    public List<OutboxOwner> owners(Duration expiry) {
        requireUp();
        List<OutboxOwner> owners = new ArrayList<>();
        nodes.forEach((owner, node) -> {
            Node keeper = nodes.get(node.keeper());
            boolean self = keeper != null && keeper.keeper().equals(node.keeper());
            owners.add(new OutboxOwner(
                    owner, node.keeper(), self ? keeper.heartbeat() : null, !self || isExpired(keeper, expiry)));
        });
        return owners;
    }

    private boolean isExpired(Node node, Duration expiry) {
        return node.heartbeat().plus(expiry).isBefore(clock.instant());
    }

    @Override
    public boolean adopt(String keeper, String deadKeeper, Duration expiry) {
        requireUp();
        Node dead = nodes.get(deadKeeper);
        if (dead != null && dead.keeper().equals(deadKeeper) && !isExpired(dead, expiry)) {
            return false;
        }
        nodes.replaceAll((owner, node) ->
                node.keeper().equals(deadKeeper) ? new Node(keeper, node.heartbeat(), node.instance()) : node);
        return true;
    }

    @Override
    public boolean adoptUnlisted(String keeper, String owner) {
        requireUp();
        return nodes.putIfAbsent(owner, new Node(keeper, clock.instant(), null)) == null;
    }

    @Override
    public boolean forget(String keeper, String owner) {
        requireUp();
        boolean hasRows = rows.values().stream().anyMatch(row -> row.owner().equals(owner));
        return !hasRows && keeps(keeper, owner) && nodes.remove(owner) != null;
    }

    @Override
    public void release(String nodeId) {
        requireUp();
        nodes.computeIfPresent(nodeId, (id, node) -> new Node(node.keeper(), Instant.EPOCH, node.instance()));
    }
}
