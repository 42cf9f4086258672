package dev.tally.broker.engine;

import dev.tally.broker.env.BrokerClock;
import dev.tally.broker.env.DirectoryLockedException;
import dev.tally.broker.env.Disk;
import dev.tally.broker.env.Workers;
import dev.tally.broker.key.KeyIndexCorruptedException;
import dev.tally.broker.key.KeyReader;
import dev.tally.broker.log.CommitLog;
import dev.tally.broker.log.FormatTooNewException;
import dev.tally.broker.log.LogCorruptedException;
import dev.tally.broker.log.RecoveryReport;
import dev.tally.broker.pop.PopKey;
import dev.tally.broker.queue.IndexCorruptedException;
import dev.tally.broker.queue.QueueIndex;
import dev.tally.broker.store.Appended;
import dev.tally.broker.store.CancelOutcome;
import dev.tally.broker.store.CommittedOffset;
import dev.tally.broker.store.Decision;
import dev.tally.broker.store.DecisionOrigin;
import dev.tally.broker.store.DecisionOutcome;
import dev.tally.broker.store.DecisionRequest;
import dev.tally.broker.store.EndedPop;
import dev.tally.broker.store.GroupConfig;
import dev.tally.broker.store.HalfState;
import dev.tally.broker.store.KeyMatches;
import dev.tally.broker.store.KeyQuery;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.NewHalf;
import dev.tally.broker.store.NewMessage;
import dev.tally.broker.store.PopCall;
import dev.tally.broker.store.PopExtension;
import dev.tally.broker.store.PopReceipt;
import dev.tally.broker.store.Popped;
import dev.tally.broker.store.ReadResult;
import dev.tally.broker.store.RequestMode;
import dev.tally.broker.store.StoreStats;
import dev.tally.broker.store.StoredMessage;
import dev.tally.broker.store.TopicConfig;
import dev.tally.broker.store.UndecidedHalf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The message store over one log in one data directory. Its state is derived from the log, in log order, and only from
 * records that are on the disk; opening it reads the log from the last snapshot on.
 *
 * <p>A look at the timers every 15 ms makes due messages visible, up to that much late and never early, and parks the
 * half messages whose checks are used up.
 *
 * @since 0.1
 */
public final class LogMessageStore implements MessageStore {

    private static final Logger LOGGER = LoggerFactory.getLogger(LogMessageStore.class);
    private static final Duration RETENTION_PAUSE = Duration.ofSeconds(10);
    private static final Duration TICK = Duration.ofMillis(15);
    private static final int MAX_FIRED_IN_A_TICK = 4096;
    private static final int MAX_PARKED_IN_A_TICK = 256;

    private final StoreDirectory directory;
    private final Workers workers;
    private final StoreState state;
    private final CommitLog log;
    private final Snapshots snapshots;
    private final MessageReader reader;
    private final KeyLookup lookup;
    private final PopReader pops;
    private final Retention retention;
    private final AtomicBoolean retaining = new AtomicBoolean();
    private final long openedAt;
    private boolean closed;

    LogMessageStore(
            StoreDirectory directory,
            Workers workers,
            StoreState state,
            CommitLog log,
            Snapshots snapshots,
            StoreConfig config,
            BrokerClock clock) {
        this.directory = directory;
        this.workers = workers;
        this.state = state;
        this.log = log;
        this.snapshots = snapshots;
        this.reader = new MessageReader(log, state);
        this.pops = new PopReader(log, state, reader);
        this.retention = new Retention(config, clock, state, log, reader.payloads(), snapshots);
        this.lookup = new KeyLookup(state, reader);
        this.openedAt = log.end();
    }

    /**
     * Opens the store of a data directory with threads of its own, or creates one.
     *
     * @param keys finds the keys by which messages can be looked up
     * @throws DirectoryLockedException where another broker runs on the directory
     * @throws LogCorruptedException where acknowledged data is damaged or missing; nothing was changed
     * @throws FormatTooNewException where a newer version wrote the directory; nothing was changed
     * @throws IOException where the disk fails
     */
    public static LogMessageStore open(
            StoreConfig config, KeyReader keys, Disk disk, BrokerClock clock, RandomGenerator random)
            throws IOException {
        return StoreOpening.open(config, DerivedConfig.defaults(config, keys), disk, clock, random);
    }

    /** The same without an index of keys. */
    public static LogMessageStore open(StoreConfig config, Disk disk, BrokerClock clock, RandomGenerator random)
            throws IOException {
        return StoreOpening.open(config, DerivedConfig.defaults(config), disk, clock, random);
    }

    /** The same on given threads, which {@link #close} closes. */
    public static LogMessageStore open(
            StoreConfig config, Disk disk, BrokerClock clock, RandomGenerator random, Workers workers)
            throws IOException {
        return StoreOpening.open(config, DerivedConfig.defaults(config), disk, clock, random, workers);
    }

    /** What opening the log found. */
    public RecoveryReport recovery() {
        return log.report();
    }

    /** Lets time take effect from now on. */
    LogMessageStore started() {
        workers.every(TICK, this::tick);
        workers.every(RETENTION_PAUSE, this::retain);
        return this;
    }

    void tick() {
        for (long position : state.timers.pollDue(MAX_FIRED_IN_A_TICK)) {
            log.submit(new FireWrite(state, position));
        }
        for (long position : state.halves.pollUsedUp(MAX_PARKED_IN_A_TICK)) {
            log.submit(ParkingWrite.park(state, position));
        }
        log.tick();
        // It reports its own failures.
        var unused = snapshots.takeWhenDue();
    }

    /** Removes expired segments of the log, unless that is going on already. */
    void retain() {
        if (retaining.compareAndSet(false, true)) {
            workers.maintenance().execute(() -> {
                try {
                    retention.pass();
                } finally {
                    retaining.set(false);
                }
            });
        }
    }

    /** For tests: takes a snapshot now; completes when it is on the disk, or has failed. */
    CompletableFuture<Void> snapshot() {
        return snapshots.take();
    }

    Snapshots snapshots() {
        return snapshots;
    }

    StoreState state() {
        return state;
    }

    private <T> CompletableFuture<T> submit(PendingWrite<T> write) {
        log.submit(write);
        return write.answer();
    }

    @Override
    public @Nullable TopicConfig topic(String name) {
        return state.topics.get(name);
    }

    @Override
    public Collection<TopicConfig> topics() {
        return List.copyOf(state.topics.values());
    }

    @Override
    public CompletableFuture<TopicConfig> saveTopic(TopicConfig config) {
        TopicConfig resolved = state.resolved(config);
        return submit(new SettingWrite<>(resolved, SmallBodies.draft(resolved), state::topic));
    }

    @Override
    public @Nullable GroupConfig group(String name) {
        return state.groups.get(name);
    }

    @Override
    public Collection<GroupConfig> groups() {
        return List.copyOf(state.groups.values());
    }

    @Override
    public CompletableFuture<GroupConfig> saveGroup(GroupConfig config) {
        return submit(new SettingWrite<>(config, SmallBodies.draft(config), state::group));
    }

    @Override
    public CompletableFuture<Boolean> deleteTopic(String name) {
        return submit(DeleteWrite.ofTopic(state, name));
    }

    @Override
    public CompletableFuture<Boolean> deleteGroup(String name, boolean offsets) {
        return submit(DeleteWrite.ofGroup(state, name, offsets));
    }

    @Override
    public Pending pendingOf(String topic) {
        return state.pendingOf(topic);
    }

    @Override
    public int undecidedOf(String producerGroup) {
        return state.halves.countOfGroup(producerGroup);
    }

    @Override
    public int undecidedOf(String producerGroup, HalfState wanted) {
        return state.halves.countOfGroup(producerGroup, wanted);
    }

    @Override
    public CompletableFuture<List<Appended>> append(List<NewMessage> messages) {
        return messages.isEmpty()
                ? CompletableFuture.completedFuture(List.of())
                : submit(new AppendWrite(state, messages));
    }

    @Override
    public CompletableFuture<Appended> prepare(NewHalf half) {
        return submit(new PrepareWrite(state, reader, half));
    }

    @Override
    public CompletableFuture<DecisionOutcome> decide(DecisionRequest request) {
        return submit(new DecideWrite(state, request));
    }

    @Override
    public CompletableFuture<Boolean> resume(long position) {
        return submit(ParkingWrite.resume(state, position));
    }

    @Override
    public CompletableFuture<CancelOutcome> cancel(long position) {
        return submit(new CancelWrite(state, reader, position));
    }

    @Override
    public List<UndecidedHalf> pollDueChecks(int max) {
        return state.halves.pollDue(max);
    }

    @Override
    public void checkDelivered(long position) {
        state.halves.checkDelivered(position);
    }

    @Override
    public void checkNotDelivered(long position) {
        state.halves.checkNotDelivered(position);
    }

    @Override
    public List<UndecidedHalf> undecided(HalfState wanted, int max) {
        return state.halves.list(wanted, max);
    }

    @Override
    public List<UndecidedHalf> undecided(String producerGroup, HalfState wanted, long from, int max) {
        return state.halves.list(wanted, from, max, producerGroup::equals);
    }

    @Override
    public OptionalLong oldestUndecided(String producerGroup) {
        return state.halves.oldestOfGroup(producerGroup);
    }

    @Override
    public ReadResult read(
            String topic, int queueId, long offset, int maxMessages, int maxBytes, LongPredicate tagFilter) {
        return reading(() -> reader.read(topic, queueId, offset, maxMessages, maxBytes, tagFilter, null));
    }

    @Override
    public ReadResult read(
            String topic,
            int queueId,
            long offset,
            int maxMessages,
            int maxBytes,
            LongPredicate tagFilter,
            Predicate<ByteBuffer> payloadFilter) {
        return reading(() -> reader.read(topic, queueId, offset, maxMessages, maxBytes, tagFilter, payloadFilter));
    }

    @Override
    public @Nullable StoredMessage messageAt(long position) {
        try {
            return reader.messageAt(position);
        } catch (IndexCorruptedException e) {
            snapshots.discard(e);
            throw e;
        }
    }

    @Override
    public long minOffset(String topic, int queueId) {
        QueueIndex queue = state.queues.find(topic, queueId);
        return queue == null ? 0 : queue.first();
    }

    @Override
    public long maxOffset(String topic, int queueId) {
        QueueIndex queue = state.queues.find(topic, queueId);
        return queue == null ? 0 : queue.next();
    }

    @Override
    public long offsetByTime(String topic, int queueId, long timestampMillis) {
        return reading(() -> reader.offsetByTime(topic, queueId, timestampMillis));
    }

    /** Whoever meets a damaged index page sees to it that the next start builds the indexes again. */
    private <T> T reading(Supplier<T> read) {
        try {
            return read.get();
        } catch (IndexCorruptedException | KeyIndexCorruptedException e) {
            snapshots.discard(e);
            throw e;
        }
    }

    @Override
    public OptionalLong committedOffset(String group, String topic, int queueId) {
        return state.offsets.get(group, topic, queueId);
    }

    @Override
    public CompletableFuture<Void> commitOffset(String group, String topic, int queueId, long offset) {
        CommittedOffset committed = new CommittedOffset(group, topic, queueId, offset);
        return submit(new OffsetWrite(state, committed)).thenAccept(done -> {});
    }

    @Override
    public List<CommittedOffset> committedOffsets(String group) {
        return state.offsets.of(group);
    }

    @Override
    public CompletableFuture<Popped> pop(PopCall call) {
        return reading(() -> pops.pop(call));
    }

    @Override
    public boolean poppable(String group, String topic, int queueId, boolean ordered, String attemptId) {
        return pops.poppable(new PopKey(group, topic, queueId), ordered, attemptId);
    }

    @Override
    public CompletableFuture<List<Boolean>> acknowledge(List<PopReceipt> receipts) {
        return receipts.isEmpty()
                ? CompletableFuture.completedFuture(List.of())
                : submit(new AcknowledgeWrite(state, receipts));
    }

    @Override
    public CompletableFuture<@Nullable PopExtension> extendPop(PopReceipt receipt, long invisibleMillis) {
        return submit(new ExtendWrite(state, receipt, invisibleMillis)).thenApply(found -> found.orElse(null));
    }

    @Override
    public List<EndedPop> pollEndedPops(int max) {
        return pops.pollEnded(max);
    }

    @Override
    public CompletableFuture<Boolean> endPop(PopReceipt receipt, @Nullable NewMessage copy) {
        return submit(new EndPopWrite(state, receipt, copy));
    }

    @Override
    public int poppedInFlight() {
        return state.pops.size();
    }

    @Override
    public int poppedInFlight(String group, String topic, int queueId) {
        return state.pops.size(new PopKey(group, topic, queueId));
    }

    @Override
    public @Nullable RequestMode requestMode(String group, String topic) {
        return state.requestModes.get(new StoreState.GroupAndTopic(group, topic));
    }

    @Override
    public CompletableFuture<RequestMode> saveRequestMode(RequestMode mode) {
        return submit(new SettingWrite<>(mode, PopBodies.draft(mode), state::requestMode));
    }

    @Override
    public List<Long> tailAtStart() {
        return state.tail.positions();
    }

    @Override
    public void onArrival(ArrivalListener listener) {
        state.listen(listener);
    }

    @Override
    public StoreStats stats() {
        Counters counters = state.counters;
        return new StoreStats(
                counters.messages.sum(),
                counters.halves.sum(),
                counters.decisions(Decision.COMMIT, DecisionOrigin.PRODUCER),
                counters.decisions(Decision.COMMIT, DecisionOrigin.CHECK_BACK),
                counters.decisions(Decision.ROLLBACK, DecisionOrigin.PRODUCER),
                counters.decisions(Decision.ROLLBACK, DecisionOrigin.CHECK_BACK),
                counters.decisions(Decision.COMMIT, DecisionOrigin.OPERATOR)
                        + counters.decisions(Decision.ROLLBACK, DecisionOrigin.OPERATOR),
                state.halves.preparedCount(),
                state.halves.parkedCount(),
                state.timers.size(),
                log.end() - log.start(),
                log.start(),
                snapshots.lastPosition(),
                snapshots.failures(),
                retention.pinnedBytes(),
                retention.copiedMessages(),
                state.halves.checksDelivered(),
                state.halves.conflicts());
    }

    @Override
    public KeyMatches findByKey(KeyQuery query, Predicate<StoredMessage> wanted) {
        return reading(() -> lookup.find(query, wanted));
    }

    @Override
    public long backup(Path target) throws IOException {
        return directory.backup(target, log::backup);
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        if (log.end() > Math.max(openedAt, snapshots.lastPosition())) {
            snapshots.take().join();
        }
        log.close();
        workers.close();
        try {
            state.close();
        } catch (IOException e) {
            LOGGER.warn("Cannot close an index file; it is derived from the log", e);
        }
        directory.close();
    }
}
