package dev.tally.broker.engine;

import dev.tally.broker.env.BrokerClock;
import dev.tally.broker.half.HalfTable;
import dev.tally.broker.log.LogRecord;
import dev.tally.broker.log.RecordKind;
import dev.tally.broker.log.RecordVisitor;
import dev.tally.broker.queue.MessageRef;
import dev.tally.broker.queue.OffsetTable;
import dev.tally.broker.queue.QueueIndex;
import dev.tally.broker.queue.QueueTable;
import dev.tally.broker.store.Decision;
import dev.tally.broker.store.GroupConfig;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.MessageStore.ArrivalListener;
import dev.tally.broker.store.TopicConfig;
import dev.tally.broker.timer.TimerTable;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that is derived from the log. Recovery and the running store change it by the same methods, one for each
 * kind of record, in log order, and only by records that are on the disk.
 */
final class StoreState implements RecordVisitor {

    private static final Logger log = LoggerFactory.getLogger(StoreState.class);

    final QueueTable queues = new QueueTable();
    final OffsetTable offsets = new OffsetTable();
    final HalfTable halves;
    final TimerTable timers;
    final Counters counters = new Counters();
    final ConcurrentMap<String, TopicConfig> topics = new ConcurrentHashMap<>();
    final ConcurrentMap<String, GroupConfig> groups = new ConcurrentHashMap<>();

    private final Map<RecordKind, RecordVisitor> byKind = new EnumMap<>(RecordKind.class);
    private volatile ArrivalListener listener = (topic, queueId, nextOffset) -> {};

    StoreState(StoreConfig config, BrokerClock clock, RandomGenerator random) {
        halves = new HalfTable(config.checks(), clock, random, config.rememberedDecisions());
        timers = new TimerTable(clock);
        byKind.put(RecordKind.MESSAGE, r -> message(r.position(), MessageBody.decode(r.body())));
        byKind.put(RecordKind.HALF, r -> half(r.position(), r.timestampMillis(), MessageBody.decode(r.body())));
        byKind.put(
                RecordKind.SCHEDULED, r -> scheduled(r.position(), r.timestampMillis(), MessageBody.decode(r.body())));
        byKind.put(RecordKind.DECISION, r -> decided(r.position(), r.timestampMillis(), DecisionBody.decode(r.body())));
        byKind.put(RecordKind.PARKED, r -> parked(SmallBodies.Parked.decode(r.body())));
        byKind.put(RecordKind.TIMER_FIRED, r -> fired(r.position(), SmallBodies.Fired.decode(r.body())));
        byKind.put(RecordKind.CONSUMER_OFFSET, r -> offsets.set(SmallBodies.decodeOffset(r.body())));
        byKind.put(RecordKind.TOPIC, r -> topic(SmallBodies.decodeTopic(r.body())));
        byKind.put(RecordKind.GROUP, r -> group(SmallBodies.decodeGroup(r.body())));
        byKind.put(RecordKind.TOPIC_DELETED, r -> topicDeleted(SmallBodies.Deleted.decode(r.body())));
        byKind.put(RecordKind.GROUP_DELETED, r -> groupDeleted(SmallBodies.Deleted.decode(r.body())));
    }

    @Override
    public void recovered(LogRecord record) {
        RecordVisitor visitor = byKind.get(record.kind());
        if (visitor == null) {
            throw new IllegalStateException("nothing is known about records of kind " + record.kind());
        }
        visitor.recovered(record);
    }

    /** Ends the recovery: check-backs and timers become due from now on. */
    void recovered() {
        halves.recovered();
        timers.recovered();
    }

    void listen(ArrivalListener newListener) {
        listener = newListener;
    }

    long message(long position, MessageBody body) {
        return publish(refOf(position, body), position);
    }

    void scheduled(long position, long timestampMillis, MessageBody body) {
        timers.scheduled(refOf(position, body), body.delayMillis(), timestampMillis);
    }

    void half(long position, long timestampMillis, MessageBody body) {
        halves.prepared(
                refOf(position, body), body.producerGroup(), timestampMillis, body.delayMillis(), body.immunity());
        counters.halves.increment();
    }

    /** Returns the queue offset, {@code -1} where the message does not become visible now. */
    long decided(long position, long timestampMillis, DecisionBody body) {
        HalfTable.Made made = halves.decide(body.halfPosition(), body.decision());
        long queueOffset = -1;
        if (body.decision() == Decision.COMMIT && made.delayMillis() == 0) {
            queueOffset = publish(made.message(), position);
        } else if (body.decision() == Decision.COMMIT) {
            timers.scheduled(made.message(), made.delayMillis(), timestampMillis);
        }
        halves.remember(body.halfPosition(), body.decision(), queueOffset);
        counters.decided(body.decision(), body.origin());
        return queueOffset;
    }

    void parked(SmallBodies.Parked body) {
        halves.park(body.halfPosition(), body.checks());
    }

    void fired(long position, SmallBodies.Fired body) {
        publish(timers.fired(body.payloadPosition()), position);
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

    /** Says whether it is gone. Judged here, not when it was asked for: recovery must come to the same result. */
    boolean topicDeleted(SmallBodies.Deleted body) {
        if (!pendingOf(body.name()).nothing()) {
            return false;
        }
        topics.remove(body.name());
        queues.drop(body.name());
        offsets.dropTopic(body.name());
        return true;
    }

    /** The same for a group. */
    boolean groupDeleted(SmallBodies.Deleted body) {
        if (halves.countOfGroup(body.name()) > 0) {
            return false;
        }
        groups.remove(body.name());
        if (body.offsets()) {
            offsets.dropGroup(body.name());
        }
        return true;
    }

    private MessageRef refOf(long position, MessageBody body) {
        QueueIndex queue = queues.obtain(body.topic(), body.queueId());
        return new MessageRef(queue, position, body.payload().remaining(), body.tagsHash());
    }

    private long publish(MessageRef message, long visibleBy) {
        QueueIndex queue = message.queue();
        long offset = queue.append(message, visibleBy);
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
        return offset;
    }
}
