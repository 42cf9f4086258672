package dev.tally.broker.faults;

import dev.tally.broker.OfficialClients;
import dev.tally.broker.faults.History.Place;
import dev.tally.broker.faults.HistoryChecker.Entry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.consumer.PullStatus;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** Reads everything that is visible, by pulling every queue from its beginning to its end. */
@SuppressWarnings("deprecation") // The only official consumer that reads a queue without being a member of a group.
final class WholeLog implements AutoCloseable {

    private static final int BATCH = 256;

    private final DefaultMQPullConsumer consumer = new DefaultMQPullConsumer("whole-log-readers");

    WholeLog(String address) throws Exception {
        consumer.setNamesrvAddr(address);
        consumer.setInstanceName(OfficialClients.nextInstance());
        consumer.setMqClientApiTimeout(30_000);
        consumer.start();
    }

    List<Entry> read(String... topics) throws Exception {
        List<Entry> entries = new ArrayList<>();
        for (String topic : topics) {
            List<MessageQueue> queues = new ArrayList<>(consumer.fetchSubscribeMessageQueues(topic));
            queues.sort(Comparator.naturalOrder());
            for (MessageQueue queue : queues) {
                read(queue, entries);
            }
        }
        return entries;
    }

    /** The ids of what is visible in a topic. */
    List<String> ids(String topic) throws Exception {
        return read(topic).stream().map(Entry::id).toList();
    }

    @Override
    public void close() {
        consumer.shutdown();
    }

    private void read(MessageQueue queue, List<Entry> into) throws Exception {
        long offset = consumer.minOffset(queue);
        long end = consumer.maxOffset(queue);
        while (offset < end) {
            PullResult pulled = consumer.pull(queue, "*", offset, BATCH);
            if (pulled.getPullStatus() != PullStatus.FOUND) {
                throw new AssertionError("Offset " + offset + " of " + end + " in " + queue + ": " + pulled);
            }
            for (MessageExt message : pulled.getMsgFoundList()) {
                into.add(new Entry(
                        new Place(queue.getTopic(), queue.getQueueId()),
                        message.getQueueOffset(),
                        Numbered.idOf(message)));
            }
            offset = pulled.getNextBeginOffset();
        }
    }
}
