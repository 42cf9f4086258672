package dev.tally.outbox.relay;

import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.outbox.BacklogPage;
import dev.tally.outbox.BlockedKey;
import dev.tally.outbox.DueRows;
import dev.tally.outbox.Fate;
import dev.tally.outbox.KeyLanes;
import dev.tally.outbox.NodesView;
import dev.tally.outbox.OutboxEntry;
import dev.tally.outbox.OutboxLanesException;
import dev.tally.outbox.OutboxNodes;
import dev.tally.outbox.OutboxOwner;
import dev.tally.outbox.OutboxStore;
import dev.tally.outbox.OutboxStoreException;
import dev.tally.outbox.OutboxTableStats;
import dev.tally.outbox.ParkedEntry;
import dev.tally.outbox.RowPlace;
import dev.tally.outbox.WaitingRows;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/** Both tables in memory, with transactions that commit when told. */
final class FakeOutboxTable implements OutboxStore, OutboxNodes, WaitingRows {

    private record Node(String keeper, Instant heartbeat, String instance, long epoch, Long seen, boolean ready) {

        Node(String keeper, Instant heartbeat, String instance) {
            this(keeper, heartbeat, instance, 0, null, false);
        }

        Node keptBy(String next) {
            return new Node(next, heartbeat, instance, epoch + 1, seen, ready);
        }

        Node at(Instant time) {
            return new Node(keeper, time, instance, epoch, seen, ready);
        }
    }

    final TreeMap<Long, OutboxEntry> rows = new TreeMap<>();
    final TreeMap<Long, ParkedEntry> parked = new TreeMap<>();
    final TreeMap<Long, BlockedKey> blocked = new TreeMap<>();
    private final TreeMap<Long, OutboxEntry> uncommitted = new TreeMap<>();
    private final Map<String, Node> nodes = new HashMap<>();
    private final InstantSource clock;
    private long lastId;
    private long generation;
    private Integer lanes;
    private final Set<String> openTransactions = new HashSet<>();
    boolean tellsOpenTransactions = true;
    /** What other processes do while this one is on its way to the database. */
    Runnable meanwhile = () -> {};

    Runnable beforeView = () -> {};

    boolean down;
    boolean paused;
    int reads;
    int statements;
    List<Long> lastInserted = List.of();

    FakeOutboxTable(InstantSource clock) {
        this.clock = clock;
    }

    private void requireUp() {
        statements++;
        meanwhile.run();
        if (down) {
            throw new OutboxStoreException("Cannot reach the table", new java.sql.SQLException("down"));
        }
    }

    @Override
    public List<OutboxEntry> insert(Function<Message, String> ownerOf, List<Message> messages) {
        requireUp();
        List<OutboxEntry> entries = new ArrayList<>();
        for (Message message : messages) {
            String owner = ownerOf.apply(message);
            if (owner.equals(SCHEDULED)) {
                owner = SCHEDULED + "-"
                        + (clock.millis() + 1 + Long.parseLong(message.headers().get(Headers.DELAY)));
            }
            OutboxEntry entry = new OutboxEntry(++lastId, owner, message, 0);
            entries.add(entry);
            uncommitted.put(entry.id(), entry);
        }
        lastInserted = entries.stream().map(OutboxEntry::id).toList();
        return entries;
    }

    void commit(List<Long> ids) {
        ids.forEach(id -> rows.put(id, uncommitted.remove(id)));
    }

    void rollBack(List<Long> ids) {
        ids.forEach(uncommitted::remove);
    }

    void open(String transaction) {
        openTransactions.add(transaction);
    }

    void ended(String transaction) {
        openTransactions.remove(transaction);
    }

    String keeperOf(String owner) {
        Node node = nodes.get(owner);
        return node == null ? null : node.keeper();
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
    public int complete(Map<String, ? extends Collection<Long>> idsByOwner) {
        requireUp();
        int[] removed = new int[1];
        idsByOwner.forEach((owner, ids) -> ids.forEach(id -> {
            OutboxEntry row = rows.get(id);
            if (row != null && row.owner().equals(owner)) {
                rows.remove(id);
                removed[0]++;
            }
        }));
        return removed[0];
    }

    @Override
    public boolean recordFailure(String keeper, long epoch, String owner, long id, int attempts, String reason) {
        requireUp();
        OutboxEntry row = rows.get(id);
        if (row == null || !keeps(keeper, epoch, owner)) {
            return false;
        }
        rows.put(id, new OutboxEntry(id, row.owner(), row.message(), attempts, row.isDue()));
        return true;
    }

    private boolean keeps(String keeper, long epoch, String owner) {
        return keeps(keeper, owner) && nodes.get(owner).epoch() == epoch;
    }

    private boolean keeps(String keeper, String owner) {
        Node node = nodes.get(owner);
        return node != null && node.keeper().equals(keeper);
    }

    @Override
    public boolean park(String keeper, long epoch, String owner, long id, int attempts, String reason) {
        requireUp();
        if (!rows.containsKey(id) || !keeps(keeper, epoch, owner)) {
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
    public List<RowPlace> waiting(Collection<String> owners, int limit) {
        requireUp();
        reads++;
        return rows.values().stream()
                .filter(row -> owners.contains(row.owner()))
                .limit(limit)
                .map(row -> new RowPlace(row.id(), row.owner()))
                .toList();
    }

    @Override
    public List<OutboxEntry> read(Collection<RowPlace> places) {
        requireUp();
        reads++;
        return places.stream()
                .map(place -> rows.get(place.id()))
                .filter(Objects::nonNull)
                .toList();
    }

    @Override
    public Set<String> ownersWithRows() {
        requireUp();
        Set<String> owners = new HashSet<>();
        rows.values().forEach(row -> owners.add(row.owner()));
        owners.removeIf(owner -> LaneNames.isLane(owner) || owner.startsWith("!"));
        return owners;
    }

    @Override
    public List<ParkedEntry> parked(long afterId, int limit) {
        return parked.tailMap(afterId, false).values().stream().limit(limit).toList();
    }

    /** As a person has it resumed: under its lane, where there are any. */
    void resume(long id) {
        ParkedEntry entry = parked.remove(id);
        if (entry != null) {
            String key = entry.message().key();
            String owner = key == null || lanes == null ? UNOWNED : KeyLanes.nameOf(key, lanes);
            rows.put(id, new OutboxEntry(id, owner, entry.message(), 0));
        }
    }

    void discard(long id) {
        parked.remove(id);
    }

    @Override
    public long highestId(Collection<String> owners) {
        requireUp();
        reads++;
        return rows.descendingMap().values().stream()
                .filter(row -> owners.contains(row.owner()))
                .mapToLong(OutboxEntry::id)
                .findFirst()
                .orElse(0);
    }

    @Override
    public DueRows releaseDue(String owner, int limit) {
        requireUp();
        List<OutboxEntry> scheduled = rows.values().stream()
                .filter(row -> row.owner().startsWith(SCHEDULED))
                .sorted(Comparator.comparing(FakeOutboxTable::due))
                .toList();
        List<OutboxEntry> due = scheduled.stream()
                .filter(row -> due(row) <= clock.millis())
                .limit(limit)
                .toList();
        due.forEach(row -> rows.put(row.id(), new OutboxEntry(row.id(), owner, row.message(), row.attempts(), true)));
        Duration next = due.size() == limit
                ? Duration.ZERO
                : scheduled.stream()
                        .skip(due.size())
                        .findFirst()
                        .map(row -> Duration.ofMillis(due(row) - clock.millis()))
                        .orElse(null);
        return new DueRows(
                due.size(), due.stream().mapToLong(OutboxEntry::id).min().orElse(0), next);
    }

    private static long due(OutboxEntry row) {
        return Long.parseLong(row.owner().substring(SCHEDULED.length() + 1));
    }

    @Override
    public boolean block(String keeper, long epoch, OutboxEntry entry, int attempts, String reason) {
        if (!park(keeper, epoch, entry.owner(), entry.id(), attempts, reason)) {
            return false;
        }
        blocked.putIfAbsent(
                entry.id(),
                new BlockedKey(entry.id(), entry.owner(), entry.message().key(), false));
        return true;
    }

    @Override
    public List<BlockedKey> blockedKeys() {
        requireUp();
        return blocked.values().stream()
                .map(mark -> new BlockedKey(
                        mark.parkedId(),
                        mark.lane(),
                        mark.key(),
                        !parked.containsKey(mark.parkedId()) && !rows.containsKey(mark.parkedId())))
                .toList();
    }

    @Override
    public int hold(String keeper, long epoch, BlockedKey key, Collection<Long> ids) {
        return move(keeper, epoch, key, key.lane(), key.owner(), ids);
    }

    @Override
    public int letGo(String keeper, long epoch, BlockedKey key, Collection<Long> ids) {
        return move(keeper, epoch, key, key.owner(), key.lane(), ids);
    }

    private int move(String keeper, long epoch, BlockedKey key, String from, String to, Collection<Long> ids) {
        requireUp();
        if (!keeps(keeper, epoch, key.lane()) || !blocked.containsKey(key.parkedId())) {
            return 0;
        }
        int moved = 0;
        for (long id : ids) {
            OutboxEntry row = rows.get(id);
            if (row != null && row.owner().equals(from)) {
                rows.put(id, row.under(to));
                moved++;
            }
        }
        return moved;
    }

    @Override
    public boolean unblock(BlockedKey key) {
        requireUp();
        if (rows.values().stream().anyMatch(row -> row.owner().equals(key.owner()))) {
            return false;
        }
        blocked.remove(key.parkedId());
        return true;
    }

    @Override
    public OutboxTableStats stats() {
        return new OutboxTableStats(rows.size(), parked.size(), null);
    }

    @Override
    public void requireLanes(int number) {
        requireUp();
        if (lanes != null && lanes != number) {
            throw new OutboxLanesException("Cannot run with " + number + " lanes: there are " + lanes);
        }
    }

    @Override
    public long register(String nodeId, String spillOwner, String instance, int number) {
        requireLanes(number);
        lanes = number;
        generation++;
        if (instance != null) {
            nodes.replaceAll((owner, node) -> instance.equals(node.instance()) ? node.at(Instant.EPOCH) : node);
        }
        nodes.put(nodeId, new Node(nodeId, clock.instant(), instance, 0, generation, false));
        nodes.put(spillOwner, new Node(nodeId, clock.instant(), instance, 0, generation, false));
        return generation;
    }

    /** As a node of the version before does it, which knows nothing of lanes. */
    void registerOldNode(String nodeId) {
        nodes.put(nodeId, new Node(nodeId, clock.instant(), null));
    }

    @Override
    public boolean acknowledge(String nodeId, long seen, boolean ready) {
        requireUp();
        Node node = nodes.get(nodeId);
        if (node == null || !node.keeper().equals(nodeId)) {
            return false;
        }
        nodes.put(nodeId, new Node(nodeId, node.heartbeat(), node.instance(), node.epoch(), seen, ready));
        return true;
    }

    @Override
    public boolean handOver(String owner, String keeper, long epoch, String to) {
        requireUp();
        if (!keeps(keeper, epoch, owner)) {
            return false;
        }
        nodes.computeIfPresent(owner, (name, node) -> node.keptBy(to));
        return true;
    }

    @Override
    public Set<String> openTransactions() {
        requireUp();
        return tellsOpenTransactions ? Set.copyOf(openTransactions) : null;
    }

    @Override
    public boolean heartbeat(String nodeId, boolean circuitOpen) {
        requireUp();
        Node node = nodes.get(nodeId);
        if (node == null || !node.keeper().equals(nodeId)) {
            return false;
        }
        nodes.put(nodeId, node.at(clock.instant()));
        return true;
    }

    @Override
    public NodesView view(Duration expiry) {
        beforeView.run();
        requireUp();
        List<OutboxOwner> owners = new ArrayList<>();
        nodes.forEach((owner, node) -> {
            Node keeper = nodes.get(node.keeper());
            boolean self = keeper != null && keeper.keeper().equals(node.keeper());
            owners.add(new OutboxOwner(
                    owner,
                    node.keeper(),
                    node.epoch(),
                    self ? keeper.heartbeat() : null,
                    !self || isExpired(keeper, expiry),
                    node.seen(),
                    node.ready()));
        });
        return new NodesView(generation, owners, paused);
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
        nodes.replaceAll((owner, node) -> node.keeper().equals(deadKeeper) ? node.keptBy(keeper) : node);
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
        nodes.computeIfPresent(nodeId, (id, node) -> node.at(Instant.EPOCH));
    }
}
