package dev.tally.transport.rocketmq;

import dev.tally.transport.PositionMove;
import dev.tally.transport.QueuePosition;
import dev.tally.transport.SubscriptionPositions;
import dev.tally.transport.TransportException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.impl.factory.MQClientInstance;
import org.apache.rocketmq.common.MixAll;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.exception.RemotingException;
import org.apache.rocketmq.remoting.protocol.NamespaceUtil;
import org.apache.rocketmq.remoting.protocol.route.BrokerData;
import org.apache.rocketmq.remoting.protocol.route.TopicRouteData;
import org.jspecify.annotations.Nullable;

/**
 * How far a group has got in a topic, by what its brokers say. A queue's name is {@code <broker>:<number>}. Thread-safe.
 *
 * <p>A group is moved by its brokers, queue by queue: each keeps the new position, takes nothing that contradicts it, and
 * tells the queue's member with the next pull that its position has moved; the member drops the queue and takes it anew.
 */
final class TopicPositions implements SubscriptionPositions {

    private final TallyProducer producer;
    private final QueueRequests requests;
    private final String topic;
    private final String group;
    private final Member member;

    /** What this member of the group has. */
    interface Member {

        /** The queues of the topic that it handles now. */
        Set<MessageQueue> queues();

        /** Drops what it has of a queue that was moved, and takes the queue anew; nothing where it has not got it. */
        void moved(MessageQueue queue, long position);
    }

    TopicPositions(TallyProducer producer, @Nullable String namespace, String topic, String group, Member member) {
        this.producer = producer;
        this.requests = new QueueRequests(producer);
        this.topic = NamespaceUtil.wrapNamespace(namespace, topic);
        this.group = NamespaceUtil.wrapNamespace(namespace, group);
        this.member = member;
    }

    static String name(MessageQueue queue) {
        return queue.getBrokerName() + ":" + queue.getQueueId();
    }

    /** The topic's queues by name, and where their brokers are. */
    private record Route(Map<String, MessageQueue> queues, Map<String, BrokerData> brokers) {

        String address(MessageQueue queue) {
            BrokerData broker = brokers.get(queue.getBrokerName());
            String address = broker == null ? null : broker.selectBrokerAddr();
            if (address == null) {
                throw new TransportException("broker " + queue.getBrokerName() + " has no address at the moment");
            }
            return address;
        }

        String master(MessageQueue queue) {
            BrokerData broker = brokers.get(queue.getBrokerName());
            String address = broker == null ? null : broker.getBrokerAddrs().get(MixAll.MASTER_ID);
            if (address == null) {
                throw new TransportException("broker " + queue.getBrokerName() + " has no master at the moment");
            }
            return address;
        }
    }

    @Override
    public List<QueuePosition> read(boolean withTimes) {
        return asking(() -> "Cannot read the positions of " + subject(), () -> {
            Route route = route();
            Set<MessageQueue> owned = member.queues();
            List<QueuePosition> positions = new ArrayList<>();
            for (MessageQueue queue : route.queues().values()) {
                positions.add(position(route, queue, withTimes, owned.contains(queue)));
            }
            return positions;
        });
    }

    private QueuePosition position(Route route, MessageQueue queue, boolean withTimes, boolean owned)
            throws RemotingException, InterruptedException, MQBrokerException {
        String address = route.address(queue);
        long first = requests.first(address, queue);
        // Before the end, which then is no less.
        long acknowledged = requests.acknowledged(address, queue, group).orElse(first);
        long end = requests.end(address, queue);
        Instant oldest = withTimes && acknowledged < end
                ? requests.storedAt(address, queue, Math.max(first, acknowledged))
                : null;
        return QueuePosition.numbered(name(queue), acknowledged, first, end, oldest, owned);
    }

    @Override
    public List<PositionMove> planTo(Instant time) {
        return asking(() -> "Cannot find where " + subject() + " was at " + time, () -> {
            Route route = route();
            List<PositionMove> moves = new ArrayList<>();
            for (MessageQueue queue : route.queues().values()) {
                QueuePosition now = position(route, queue, false, false);
                long found = requests.firstFrom(route.address(queue), queue, time);
                moves.add(move(route, queue, now, Math.max(now.first(), Math.min(found, now.end()))));
            }
            return moves;
        });
    }

    @Override
    public PositionMove planTo(String name, long position) {
        String attempt = "Cannot move " + subject() + " to position " + position + " of queue " + name;
        return asking(() -> attempt, () -> {
            Route route = route();
            MessageQueue queue = route.queues().get(name);
            if (queue == null) {
                throw new TransportException(
                        "it has the queues " + route.queues().keySet());
            }
            QueuePosition now = position(route, queue, false, false);
            if (position < now.first() || position > now.end()) {
                throw new TransportException("it has the positions from " + now.first() + " to " + now.end());
            }
            return move(route, queue, now, position);
        });
    }

    private PositionMove move(Route route, MessageQueue queue, QueuePosition now, long to)
            throws RemotingException, InterruptedException {
        // What retention has removed is no way to go back to, and nothing that would be skipped.
        long from = Math.max(now.first(), now.acknowledged());
        Instant since = to < from ? requests.storedAt(route.address(queue), queue, to) : null;
        return PositionMove.numbered(now.queue(), from, to, since);
    }

    @Override
    public void seek(List<PositionMove> moves) {
        List<String> moved = new ArrayList<>();
        asking(() -> "Cannot move " + subject() + (moved.isEmpty() ? "" : "; moved were " + moved), () -> {
            Route route = route();
            for (PositionMove move : moves) {
                // Also where it seems to lead nowhere: members tell some seconds late what they have acknowledged.
                MessageQueue queue = route.queues().get(move.queue());
                if (queue == null) {
                    throw new TransportException("it has no queue " + move.queue() + " any more");
                }
                String master = route.master(queue);
                if (requests.resetsByItsClients(master)) {
                    throw new TransportException("broker " + queue.getBrokerName()
                            + " has useServerSideResetOffset=false, and so moves all queues or none");
                }
                requests.reset(master, queue, group, move.to());
                member.moved(queue, move.to());
                moved.add(move.queue());
            }
            return moved;
        });
    }

    private Route route() throws RemotingException, MQClientException, InterruptedException {
        TopicRouteData data = producer.routeOf(topic);
        Map<String, MessageQueue> queues = new TreeMap<>();
        MQClientInstance.topicRouteData2TopicSubscribeInfo(topic, data)
                .forEach(queue -> queues.put(name(queue), queue));
        Map<String, BrokerData> brokers = new HashMap<>();
        data.getBrokerDatas().forEach(broker -> brokers.put(broker.getBrokerName(), broker));
        return new Route(queues, brokers);
    }

    private String subject() {
        return "group '" + group + "' in topic '" + topic + "'";
    }

    /** Questions to brokers. */
    private interface Questions<T> {
        T ask() throws RemotingException, MQClientException, MQBrokerException, InterruptedException;
    }

    private static <T> T asking(Supplier<String> attempt, Questions<T> questions) {
        try {
            return questions.ask();
        } catch (TransportException e) {
            throw new TransportException(attempt.get() + ": " + e.getMessage(), e);
        } catch (MQBrokerException e) {
            throw new TransportException(
                    attempt.get() + ": a broker refuses with code " + e.getResponseCode() + " " + e.getErrorMessage(),
                    e);
        } catch (MQClientException e) {
            throw new TransportException(
                    attempt.get() + ": the name server has no route of it: " + e.getErrorMessage(), e);
        } catch (RemotingException e) {
            throw new TransportException(attempt.get() + ": no answer: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransportException(attempt.get() + ": interrupted", e);
        }
    }
}
