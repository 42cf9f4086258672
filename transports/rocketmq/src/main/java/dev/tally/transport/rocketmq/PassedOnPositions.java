package dev.tally.transport.rocketmq;

import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.apache.rocketmq.client.consumer.store.OffsetStore;
import org.apache.rocketmq.client.consumer.store.ReadOffsetType;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.exception.RemotingException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The client's own store of positions, which notices a move of a queue that this member no longer has. A broker tells a
 * move once, to whose pull it sees next; after a rebalance that may be one that the queue's former owner left behind, held
 * at the broker for up to 15 seconds, and the owner would never learn of it. Then it has to be told again.
 *
 * <p>A broker that has taken over for another one, and has not all that this one had, answers such a pull in the same way,
 * with where its queue ends or begins. Nobody has moved the group then, and to move it there could skip what its owner has
 * not handled. So:
 *
 * <ol>
 *   <li>Of a queue that is not here no position is stored, or the client would commit it beside the queue's owner.
 *   <li>The broker is asked where the group is. A real move has put it where the pull was sent to, and only then the broker
 *       is told again: whatever else that position is, the group has acknowledged all before it, and moved there it can
 *       repeat and not skip.
 *   <li>Where the owner has committed since, or nothing was ever acknowledged, the move is left to the person who made it,
 *       by a warning.
 * </ol>
 *
 * <p>What remains is a second move within the moment between the question and the telling: it is undone by the first one.
 * Thread-safe.
 */
final class PassedOnPositions implements OffsetStore {

    private static final Logger LOG = LoggerFactory.getLogger(PassedOnPositions.class);

    /** The group at the broker of a queue; everything may wait for that. */
    interface AtBroker {

        /** Where the group is; empty where it has never acknowledged anything of the queue. */
        OptionalLong acknowledged(MessageQueue queue) throws RemotingException, MQBrokerException, InterruptedException;

        /** Moves the group, and has whoever has the queue told with its next pull. */
        void reset(MessageQueue queue, long position) throws RemotingException, MQBrokerException, InterruptedException;
    }

    private final OffsetStore store;
    private final Predicate<MessageQueue> isHere;
    private final AtBroker group;
    private final Executor workers;

    /**
     * Wraps the client's.
     *
     * @param isHere whether this member has a queue
     * @param workers wait for {@code group}
     */
    PassedOnPositions(OffsetStore store, Predicate<MessageQueue> isHere, AtBroker group, Executor workers) {
        this.store = store;
        this.isHere = isHere;
        this.group = group;
        this.workers = workers;
    }

    @Override
    public void updateAndFreezeOffset(MessageQueue queue, long position) {
        if (isHere.test(queue)) {
            store.updateAndFreezeOffset(queue, position);
        } else {
            workers.execute(() -> passOn(queue, position));
        }
    }

    private void passOn(MessageQueue queue, long position) {
        try {
            OptionalLong acknowledged = group.acknowledged(queue);
            if (acknowledged.isEmpty() || acknowledged.getAsLong() != position) {
                LOG.warn(
                        "Not passed on that queue {} goes on at {}: it is another member's, and the group is at {}. If"
                                + " somebody has moved the group there just now, move it again",
                        queue,
                        position,
                        acknowledged.isEmpty() ? "no position" : acknowledged.getAsLong());
                return;
            }
            group.reset(queue, position);
            LOG.info("Passed on that queue {} was moved to {}", queue, position);
        } catch (RemotingException | MQBrokerException e) {
            LOG.warn("Cannot pass on that queue {} was moved to {}; move it again", queue, position, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
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
