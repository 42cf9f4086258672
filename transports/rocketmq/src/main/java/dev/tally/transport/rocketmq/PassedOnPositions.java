package dev.tally.transport.rocketmq;

import java.util.Map;
import java.util.Set;
import java.util.function.ObjLongConsumer;
import java.util.function.Predicate;
import org.apache.rocketmq.client.consumer.store.OffsetStore;
import org.apache.rocketmq.client.consumer.store.ReadOffsetType;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.exception.RemotingException;

/**
 * The client's own store of positions, which notices a move of a queue that this member no longer has. A broker tells a
 * move once, to whose pull it sees next; after a rebalance that may be one that the queue's former owner left behind, held
 * at the broker for up to 15 seconds, and the owner would never learn of it. Then it has to be told again. Thread-safe.
 */
final class PassedOnPositions implements OffsetStore {

    private final OffsetStore store;
    private final Predicate<MessageQueue> isHere;
    private final ObjLongConsumer<MessageQueue> passOn;

    /**
     * Wraps the client's.
     *
     * @param isHere whether this member has a queue
     * @param passOn tells the broker once more where a queue was moved to; must not block
     */
    PassedOnPositions(OffsetStore store, Predicate<MessageQueue> isHere, ObjLongConsumer<MessageQueue> passOn) {
        this.store = store;
        this.isHere = isHere;
        this.passOn = passOn;
    }

    @Override
    public void updateAndFreezeOffset(MessageQueue queue, long position) {
        if (!isHere.test(queue)) {
            passOn.accept(queue, position);
        }
        store.updateAndFreezeOffset(queue, position);
    }

    @Override
    public void load() throws MQClientException {
        store.load();
    }

    @Override
    public void updateOffset(MessageQueue queue, long position, boolean increaseOnly) {
        store.updateOffset(queue, position, increaseOnly);
    }

    @Override
    public long readOffset(MessageQueue queue, ReadOffsetType type) {
        return store.readOffset(queue, type);
    }

    @Override
    public void persistAll(Set<MessageQueue> queues) {
        store.persistAll(queues);
    }

    @Override
    public void persist(MessageQueue queue) {
        store.persist(queue);
    }

    @Override
    public void removeOffset(MessageQueue queue) {
        store.removeOffset(queue);
    }

    @Override
    public Map<MessageQueue, Long> cloneOffsetTable(String topic) {
        return store.cloneOffsetTable(topic);
    }

    @Override
    public void updateConsumeOffsetToBroker(MessageQueue queue, long position, boolean oneWay)
            throws RemotingException, MQBrokerException, InterruptedException, MQClientException {
        store.updateConsumeOffsetToBroker(queue, position, oneWay);
    }
}
