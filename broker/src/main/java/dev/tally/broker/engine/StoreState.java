package dev.tally.broker.engine;

import dev.tally.broker.env.BrokerClock;
import dev.tally.broker.env.Disk;
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
 * Everything that is derived from the log, or from a snapshot of it and the log behind. Recovery and the running store change it by the same methods, one for each
 * kind of record, in log order, and only by records that are on the disk.
 */
final class StoreState implements RecordVisitor {

    private static final Logger log = LoggerFactory.getLogger(StoreState.class);

    final QueueTable queues;
    final OffsetTable offsets = new OffsetTable();
    final HalfTable halves;
    final TimerTable timers;
    final Counters counters = new Counters();
    final ConcurrentMap<String, TopicConfig> topics = new ConcurrentHashMap<>();
    final ConcurrentMap<String, GroupConfig> groups = new ConcurrentHashMap<>();

    private final Map<RecordKind, RecordVisitor> byKind = new EnumMap<>(RecordKind.class);
    private volatile ArrivalListener listener = (topic, queueId, nextOffset) -> {};

    StoreState(StoreConfig config, DerivedConfig derived, Disk disk, BrokerClock clock, RandomGenerator random) {
        queues = new QueueTable(derived.index(), disk, clock, random);
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
        queues.recovered();
        halves.recovered();
        timers.recovered();
    }

    void listen(ArrivalListener newListener) {
        listener = newListener;
    }

    void message(long position, MessageBody body) {
        publish(refOf(position, body), body.queueOffset(), position);
    }

    void scheduled(long position, long timestampMillis, MessageBody body) {
        timers.scheduled(refOf(position, body), body.delayMillis(), timestampMillis);
    }

    void half(long position, long timestampMillis, MessageBody body) {
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
        halves.park(body.halfPosition(), body.checks());
    }

    void fired(long position, SmallBodies.Fired body) {
        publish(timers.fired(body.payloadPosition()), body.queueOffset(), position);
    }

    void topic(TopicConfig topic) {
        topics.put(topic.name(), topic);
    }

    void group(GroupConfig group) {
        groups.put(group.name(), group);
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
