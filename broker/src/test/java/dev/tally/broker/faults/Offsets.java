package dev.tally.broker.faults;

import dev.tally.broker.faults.History.Place;
import org.apache.rocketmq.client.impl.MQClientAPIImpl;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.protocol.header.QueryConsumerOffsetRequestHeader;
import org.apache.rocketmq.remoting.protocol.header.UpdateConsumerOffsetRequestHeader;

/** Commits offsets with an answer, which the consumers themselves never wait for, and asks which are committed. */
final class Offsets {

    private static final String GROUP = "soak-markers";
    private static final long TIMEOUT_MILLIS = 5_000;

    private final String address;
    private final History history;
    private final DefaultMQProducer client;
    private final long[] committed;

    Offsets(String address, History history, DefaultMQProducer client, int queues) {
        this.address = address;
        this.history = history;
        this.client = client;
        this.committed = new long[queues];
    }

    /** Commits the end of a queue, then asks for that offset and for the one of the ordered consumers. */
    void commitAndAsk(int queueId) throws Exception {
        MQClientAPIImpl api =
                client.getDefaultMQProducerImpl().getMqClientFactory().getMQClientAPIImpl();
        MessageQueue queue = new MessageQueue(Load.ORDERED, "tally", queueId);
        Place place = new Place(Load.ORDERED, queueId);
        long end = api.getMaxOffset(address, queue, TIMEOUT_MILLIS);
        if (end > committed[queueId]) {
            UpdateConsumerOffsetRequestHeader commit = new UpdateConsumerOffsetRequestHeader();
            commit.setConsumerGroup(GROUP);
            commit.setTopic(Load.ORDERED);
            commit.setQueueId(queueId);
            commit.setCommitOffset(end);
            api.updateConsumerOffset(address, commit, TIMEOUT_MILLIS);
            committed[queueId] = end;
            history.offsetKnown(GROUP, place, end);
        }
        for (String group : new String[] {GROUP, Load.ORDERED_WORKERS}) {
            QueryConsumerOffsetRequestHeader query = new QueryConsumerOffsetRequestHeader();
            query.setConsumerGroup(group);
            query.setTopic(Load.ORDERED);
            query.setQueueId(queueId);
            history.offsetKnown(group, place, api.queryConsumerOffset(address, query, TIMEOUT_MILLIS));
        }
    }
}
