package dev.tally.broker.engine;

import dev.tally.broker.collect.RecentLongs;
import dev.tally.broker.env.BrokerClock;
import dev.tally.broker.env.Disk;
import dev.tally.broker.half.HalfTable;
import dev.tally.broker.key.KeyIndex;
import dev.tally.broker.log.LogRecord;
import dev.tally.broker.log.RecordKind;
import dev.tally.broker.log.RecordVisitor;
import dev.tally.broker.pop.PopLimits;
import dev.tally.broker.pop.PopTable;
import dev.tally.broker.queue.MessageRef;
import dev.tally.broker.queue.OffsetTable;
import dev.tally.broker.queue.QueueIndex;
import dev.tally.broker.queue.QueueTable;
import dev.tally.broker.retention.Relocations;
import dev.tally.broker.store.Decision;
import dev.tally.broker.store.FlushMode;
import dev.tally.broker.store.GroupConfig;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.MessageStore.ArrivalListener;
import dev.tally.broker.store.RequestMode;
import dev.tally.broker.store.TopicConfig;
import dev.tally.broker.timer.TimerTable;
import java.io.IOException;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that is derived from the log, or from a snapshot of it and the log behind. Recovery and the running store change it by the same methods, one for each
 * kind of record, in log order, and only by records that are on the disk.
 */
final class StoreState implements RecordVisitor {

    private static final Logger log = LoggerFactory.getLogger(StoreState.class);

    private static final int REMEMBERED_ACKNOWLEDGEMENTS = 100_000;

    final QueueTable queues;
    final KeyIndex keys;
    final OffsetTable offsets = new OffsetTable();
    final HalfTable halves;
    final TimerTable timers;
    final PopTable pops;
    final Counters counters = new Counters();
    final Relocations relocations = new Relocations();
    final ConcurrentMap<String, TopicConfig> topics = new ConcurrentHashMap<>();
    final ConcurrentMap<String, GroupConfig> groups = new ConcurrentHashMap<>();
    final ConcurrentMap<GroupAndTopic, RequestMode> requestModes = new ConcurrentHashMap<>();

    record GroupAndTopic(String group, String topic) {}

    /** Half messages of the batch that is being written, by the hash of their key; the writer's thread only. */
    final Map<Integer, PrepareWrite> preparing = new HashMap<>();

    /** Acknowledged deliveries, so that a repeat gets the same answer while the process lives; the writer's thread only. */
    final RecentLongs acknowledged = new RecentLongs(REMEMBERED_ACKNOWLEDGEMENTS);

    final LogTail tail = new LogTail();

    private final FlushMode defaultFlush;
    private final Map<RecordKind, RecordVisitor> byKind = new EnumMap<>(RecordKind.class);
    private final boolean keepUnconsumed;
    private boolean recovering;
    private long removedBefore;
    private volatile ArrivalListener listener = (topic, queueId, nextOffset) -> {};

    StoreState(StoreConfig config, DerivedConfig derived, Disk disk, BrokerClock clock, RandomGenerator random) {
        queues = new QueueTable(derived.index(), disk, clock, random);
        keys = new KeyIndex(derived.keys(), disk);
        defaultFlush = config.defaultFlush();
        halves = new HalfTable(config.checks(), clock, random, config.rememberedDecisions());
        timers = new TimerTable(clock);
        pops = new PopTable(clock, offsets, PopLimits.DEFAULT);
        keepUnconsumed = config.retention().keepUnconsumed();
        byKind.put(RecordKind.MESSAGE, r -> message(r.position(), r.timestampMillis(), MessageBody.decode(r.body())));
        byKind.put(RecordKind.HALF, r -> half(r.position(), r.timestampMillis(), MessageBody.decode(r.body())));
        byKind.put(
                RecordKind.SCHEDULED, r -> scheduled(r.position(), r.timestampMillis(), MessageBody.decode(r.body())));
        byKind.put(RecordKind.DECISION, r -> decided(r.position(), r.timestampMillis(), DecisionBody.decode(r.body())));
        byKind.put(RecordKind.PARKED, r -> parked(SmallBodies.Parked.decode(r.body())));
        byKind.put(RecordKind.TIMER_FIRED, r -> fired(r.position(), SmallBodies.Fired.decode(r.body())));
        byKind.put(RecordKind.CANCELLED, r -> cancelled(SmallBodies.Cancelled.decode(r.body())));
        byKind.put(RecordKind.CONSUMER_OFFSET, r -> pops.progressed(SmallBodies.decodeOffset(r.body())));
        byKind.put(RecordKind.TOPIC, r -> topic(SmallBodies.decodeTopic(r.body())));
        byKind.put(RecordKind.GROUP, r -> group(SmallBodies.decodeGroup(r.body())));
        byKind.put(RecordKind.QUEUE, r -> bounds(SmallBodies.QueueBounds.decode(r.body())));
        byKind.put(RecordKind.COPIED, r -> copied(r.position(), CopiedBody.decode(r.body())));
        byKind.put(RecordKind.COUNTERS, r -> counters.set(SmallBodies.decodeCounters(r.body())));
        byKind.put(RecordKind.TOPIC_DELETED, r -> topicDeleted(SmallBodies.Deleted.decode(r.body())));
        byKind.put(RecordKind.GROUP_DELETED, r -> groupDeleted(SmallBodies.Deleted.decode(r.body())));
        byKind.put(RecordKind.POPPED, r -> popped(PopBodies.Taken.decode(r.body())));
        byKind.put(RecordKind.POP_ENDED, r -> popEnded(PopBodies.Ended.decode(r.body())));
        byKind.put(RecordKind.POP_CHANGED, r -> popChanged(PopBodies.Changed.decode(r.body())));
        byKind.put(RecordKind.POP_STATE, r -> pops.restore(PopBodies.decodeState(r.body())));
        byKind.put(RecordKind.REQUEST_MODE, r -> requestMode(PopBodies.decodeMode(r.body())));
    }

    @Override
    public void recovered(LogRecord record) {
        RecordVisitor visitor = byKind.get(record.kind());
        if (visitor == null) {
            throw new IllegalStateException("nothing is known about records of kind " + record.kind());
        }
        recovering = true;
        visitor.recovered(record);
        tail.add(record);
    }

    @Override
    public void startsAt(long position) {
        if (!recovering) {
            removedBefore = position;
        }
        relocations.forgetBefore(position);
    }

    /**
     * Whether the record at a position was removed with its segment before this scan of the log began. What later records
     * say of it is in its copy, if it was still needed.
     */
    private boolean removed(long position) {
        return position < removedBefore;
    }

    /** Lets new files of the indexes be numbered behind all that are there, where the whole log is read. */
    void startAnew() throws IOException {
        queues.numberBehindLeftovers();
        keys.startAnew();
    }

    /** Closes the files of the indexes. */
    void close() throws IOException {
        try (keys) {
            queues.close();
        }
    }

    /** Deletes the files that were made since; a start that is refused leaves everything as it was. */
    void deleteNew() throws IOException {
        keys.deleteNew();
        queues.deleteNew();
    }

    /** Ends the recovery: check-backs and timers become due from now on. */
    void recovered(Executor background) {
        queues.recovered();
        keys.recovered(background);
        halves.recovered();
        timers.recovered();
        pops.recovered();
    }

    void listen(ArrivalListener newListener) {
        listener = newListener;
    }

    void message(long position, long timestampMillis, MessageBody body) {
        indexKeys(position, position, timestampMillis, body);
        publish(refOf(position, body), body.queueOffset(), position);
    }

    void scheduled(long position, long timestampMillis, MessageBody body) {
        indexKeys(position, position, timestampMillis, body);
        timers.scheduled(refOf(position, body), body.delayMillis(), timestampMillis);
    }

    void half(long position, long timestampMillis, MessageBody body) {
        indexKeys(position, position, timestampMillis, body);
        halves.prepared(
                refOf(position, body),
                body.producerGroup(),
                body.transactionId(),
                timestampMillis,
                body.delayMillis(),
                body.immunity());
        counters.halves.increment();
    }

    void decided(long position, long timestampMillis, DecisionBody body) {
        if (removed(body.halfPosition()) && !halves.isUndecided(body.halfPosition())) {
            counters.decided(body.decision(), body.origin());
            if (body.queueOffset() >= 0) {
                counters.messages.increment();
            }
            return;
        }
        HalfTable.Made made = halves.decide(body.halfPosition(), body.decision(), body.origin());
        if (body.decision() == Decision.COMMIT && made.delayMillis() == 0) {
            publish(made.message(), body.queueOffset(), position);
        } else if (body.decision() == Decision.COMMIT) {
            timers.scheduled(made.message(), made.delayMillis(), timestampMillis);
        }
        halves.remember(body.halfPosition(), body.decision(), body.queueOffset());
        counters.decided(body.decision(), body.origin());
    }

    void parked(SmallBodies.Parked body) {
        if (removed(body.halfPosition()) && !halves.isUndecided(body.halfPosition())) {
            return;
        }
        if (body.isResumed()) {
            halves.resume(body.halfPosition());
        } else {
            halves.park(body.halfPosition(), body.checks());
        }
    }

    void fired(long position, SmallBodies.Fired body) {
        if (removed(body.payloadPosition()) && timers.find(body.payloadPosition()) == null) {
            counters.messages.increment();
            return;
        }
        publish(timers.fired(body.payloadPosition()), body.queueOffset(), position);
    }

    void bounds(SmallBodies.QueueBounds bounds) {
        queues.obtain(bounds.topic(), bounds.queueId()).bounds(bounds.first(), bounds.next());
    }

    /** A message stands in a copy now: there its keys are found when the file that has them from its first place is gone. */
    void moved(long position, CopiedBody copy) {
        relocations.put(copy.originalPosition(), position);
        indexKeys(
                position, copy.originalPosition(), copy.originalTimestampMillis(), MessageBody.decode(copy.original()));
    }

    private void indexKeys(long record, long position, long timestampMillis, MessageBody body) {
        keys.add(record, position, timestampMillis, body.topic(), body.payload());
    }

    /** Recovery found a copy. Where the original was read as well, only its place is news. */
    private void copied(long position, CopiedBody copy) {
        long original = copy.originalPosition();
        moved(position, copy);
        MessageBody body = MessageBody.decode(copy.original());
        MessageRef message = refOf(original, body);
        switch (copy.state()) {
            case VISIBLE -> message.queue().put(copy.queueOffset(), message, copy.visibleBy());
            case PREPARED, PARKED -> {
                if (!halves.isUndecided(original)) {
                    halves.prepared(
                            message,
                            body.producerGroup(),
                            body.transactionId(),
                            copy.originalTimestampMillis(),
                            body.delayMillis(),
                            body.immunity());
                    if (copy.state() == CopiedBody.State.PARKED) {
                        halves.park(original, copy.checks());
                    }
                }
            }
            case SCHEDULED -> {
                if (timers.find(original) == null) {
                    timers.scheduled(message, copy.delayMillis(), copy.atMillis() - copy.delayMillis());
                }
            }
        }
    }

    /** Whether what a group has not consumed of a topic is never removed. */
    boolean keepsUnconsumed(String topic) {
        TopicConfig config = topics.get(topic);
        Boolean keep = config == null ? null : config.keepUnconsumed();
        return keep == null ? keepUnconsumed : keep;
    }

    void cancelled(SmallBodies.Cancelled body) {
        if (removed(body.payloadPosition()) && timers.find(body.payloadPosition()) == null) {
            return;
        }
        timers.cancelled(body.payloadPosition());
    }

    /** Whether an answer about a message of a topic waits for the force. */
    boolean waitsForForce(String topic) {
        TopicConfig config = topics.get(topic);
        FlushMode flush = config == null ? null : config.flush();
        return (flush == null ? defaultFlush : flush) == FlushMode.SYNC;
    }

    /** A topic as it is stored: flushed and kept as it was before, or by default, unless it says how. */
    TopicConfig resolved(TopicConfig topic) {
        TopicConfig known = topics.get(topic.name());
        FlushMode before = known == null ? null : known.flush();
        TopicConfig flushed = topic.flush() == null ? topic.withFlush(before == null ? defaultFlush : before) : topic;
        return known == null || topic.keepUnconsumed() != null
                ? flushed
                : flushed.withKeepUnconsumed(known.keepUnconsumed());
    }

    void topic(TopicConfig topic) {
        topics.put(topic.name(), topic);
    }

    void group(GroupConfig group) {
        groups.put(group.name(), group);
    }

    MessageStore.Pending pendingOf(String topic) {
        return new MessageStore.Pending(halves.countOfTopic(topic), timers.countOfTopic(topic));
    }

    /** A topic is gone; what is left of its queues is said by records of their own. */
    void topicDeleted(SmallBodies.Deleted body) {
        topics.remove(body.name());
        requestModes.keySet().removeIf(place -> place.topic().equals(body.name()));
        pops.dropTopic(body.name());
    }

    void groupDeleted(SmallBodies.Deleted body) {
        groups.remove(body.name());
        requestModes.keySet().removeIf(place -> place.group().equals(body.name()));
        if (body.offsets()) {
            pops.dropGroup(body.name());
        }
    }

    void popped(PopBodies.Taken body) {
        pops.popped(body.key(), body.next(), body.ordered(), body.repeated(), body.attemptId(), body.leases());
    }

    void popEnded(PopBodies.Ended body) {
        pops.ended(body.key(), body.offsets());
    }

    void popChanged(PopBodies.Changed body) {
        pops.changed(body.key(), body.lease());
    }

    void requestMode(RequestMode mode) {
        requestModes.put(new GroupAndTopic(mode.group(), mode.topic()), mode);
    }

    private MessageRef refOf(long position, MessageBody body) {
        QueueIndex queue = queues.obtain(body.topic(), body.queueId());
        return new MessageRef(queue, position, body.payload().remaining(), body.tagsHash());
    }

    private void publish(MessageRef message, long offset, long visibleBy) {
        QueueIndex queue = message.queue();
        queue.put(offset, message, visibleBy);
        counters.messages.increment();
        try {
            listener.arrived(queue.topic(), queue.queueId(), offset + 1);
        } catch (RuntimeException e) {
            // The message is in the log and visible: a listener that fails must not fence the log.
            log.error(
                    "The arrival listener failed; its waiting readers see the message with their next read: topic={} queue={}",
                    queue.topic(),
                    queue.queueId(),
                    e);
        }
    }
}
