package dev.tally.broker.engine;

import dev.tally.broker.env.BrokerClock;
import dev.tally.broker.env.DirectoryLockedException;
import dev.tally.broker.env.Disk;
import dev.tally.broker.env.ThreadWorkers;
import dev.tally.broker.env.Workers;
import dev.tally.broker.half.HalfTable;
import dev.tally.broker.log.CommitLog;
import dev.tally.broker.log.FormatTooNewException;
import dev.tally.broker.log.LogCorruptedException;
import dev.tally.broker.log.RecoveryReport;
import dev.tally.broker.queue.QueueIndex;
import dev.tally.broker.store.Appended;
import dev.tally.broker.store.CommittedOffset;
import dev.tally.broker.store.Decision;
import dev.tally.broker.store.DecisionOrigin;
import dev.tally.broker.store.DecisionOutcome;
import dev.tally.broker.store.DecisionRequest;
import dev.tally.broker.store.GroupConfig;
import dev.tally.broker.store.HalfState;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.NewHalf;
import dev.tally.broker.store.NewMessage;
import dev.tally.broker.store.ReadResult;
import dev.tally.broker.store.StoreStats;
import dev.tally.broker.store.StoredMessage;
import dev.tally.broker.store.TopicConfig;
import dev.tally.broker.store.UndecidedHalf;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongPredicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The message store over one log in one data directory. Its state is derived from the log, in log order, and only from
 * records that are on the disk; opening it reads the whole log.
 *
 * <p>Timers are looked at every 50 ms: a delayed message becomes visible up to that much late, never early.
 *
 * @since 0.1
 */
public final class LogMessageStore implements MessageStore {

    private static final Duration TICK = Duration.ofMillis(50);
    private static final int MAX_FIRED_IN_A_TICK = 4096;

    private final StoreDirectory directory;
    private final Workers workers;
    private final StoreState state;
    private final CommitLog log;
    private final MessageReader reader;
    private boolean closed;

    private LogMessageStore(StoreDirectory directory, Workers workers, StoreState state, CommitLog log) {
        this.directory = directory;
        this.workers = workers;
        this.state = state;
        this.log = log;
        this.reader = new MessageReader(log, state);
    }

    /**
     * Opens the store of a data directory with threads of its own, or creates one.
     *
     * @throws DirectoryLockedException where another broker runs on the directory
     * @throws LogCorruptedException where acknowledged data is damaged or missing; nothing was changed
     * @throws FormatTooNewException where a newer version wrote the directory; nothing was changed
     * @throws IOException where the disk fails
     */
    public static LogMessageStore open(StoreConfig config, Disk disk, BrokerClock clock, RandomGenerator random)
            throws IOException {
        Workers workers = new ThreadWorkers("tally-store");
        try {
            return open(config, disk, clock, random, workers);
        } catch (IOException | RuntimeException e) {
            workers.close();
            throw e;
        }
    }

    /** The same on given threads, which {@link #close} closes. */
    public static LogMessageStore open(
            StoreConfig config, Disk disk, BrokerClock clock, RandomGenerator random, Workers workers)
            throws IOException {
        StoreDirectory directory = StoreDirectory.take(config, disk);
        try {
            StoreState state = new StoreState(config, clock, random);
            CommitLog log = CommitLog.open(config.log(), disk, clock, random, workers, state);
            LogMessageStore store = new LogMessageStore(directory, workers, state, log);
            try {
                directory.markFormat();
            } catch (IOException | RuntimeException e) {
                log.close();
                throw e;
            }
            state.recovered();
            workers.every(TICK, store::tick);
            return store;
        } catch (IOException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    /** What opening the log found. */
    public RecoveryReport recovery() {
        return log.report();
    }

    void tick() {
        for (long position : state.timers.pollDue(MAX_FIRED_IN_A_TICK)) {
            log.submit(new FireWrite(state, position));
        }
        log.tick();
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
        return submit(new SettingWrite<>(config, SmallBodies.draft(config), state::topic));
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
    public CompletableFuture<List<Appended>> append(List<NewMessage> messages) {
        return messages.isEmpty()
                ? CompletableFuture.completedFuture(List.of())
                : submit(new AppendWrite(state, messages));
    }

    @Override
    public CompletableFuture<Appended> prepare(NewHalf half) {
        return submit(new PrepareWrite(state, half));
    }

    @Override
    public CompletableFuture<DecisionOutcome> decide(DecisionRequest request) {
        return submit(new DecideWrite(state, request));
    }

    @Override
    public List<UndecidedHalf> pollDueChecks(int max) {
        HalfTable.DueChecks due = state.halves.pollDue(max);
        for (long position : due.park()) {
            log.submit(new ParkWrite(state, position));
        }
        return due.ask();
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
    public ReadResult read(
            String topic, int queueId, long offset, int maxMessages, int maxBytes, LongPredicate tagFilter) {
        return reader.read(topic, queueId, offset, maxMessages, maxBytes, tagFilter);
    }

    @Override
    public @Nullable StoredMessage messageAt(long position) {
        return reader.messageAt(position);
    }

    @Override
    public long minOffset(String topic, int queueId) {
        QueueIndex queue = state.queues.find(topic, queueId);
        return queue == null ? 0 : queue.first();
    }

    @Override
    public long maxOffset(String topic, int queueId) {
        QueueIndex queue = state.queues.find(topic, queueId);
        return queue == null ? 0 : queue.size();
    }

    @Override
    public long offsetByTime(String topic, int queueId, long timestampMillis) {
        return reader.offsetByTime(topic, queueId, timestampMillis);
    }

    @Override
    public OptionalLong committedOffset(String group, String topic, int queueId) {
        return state.offsets.get(group, topic, queueId);
    }

    @Override
    public CompletableFuture<Void> commitOffset(String group, String topic, int queueId, long offset) {
        CommittedOffset committed = new CommittedOffset(group, topic, queueId, offset);
        return submit(new SettingWrite<>(committed, SmallBodies.draft(committed), state.offsets::set))
                .thenAccept(done -> {});
    }

    @Override
    public List<CommittedOffset> committedOffsets(String group) {
        return state.offsets.of(group);
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
                log.end(),
                state.halves.checksDelivered(),
                state.halves.conflicts());
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        log.close();
        workers.close();
        directory.close();
    }
}
