package dev.tally.broker.receive;

import dev.tally.broker.protocol.PopRequest;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.TopicConfig;
import dev.tally.broker.topic.GroupTopics;
import java.util.ArrayList;
import java.util.List;

/** The queues that one pop looks into: one queue or all of the topic, and the group's retries, but not in order. */
final class PopQueues {

    /** Out of 100 pops so many begin with the retries, so that neither those nor the new messages starve. */
    private static final int RETRIES_FIRST = 20;

    private PopQueues() {}

    record Queue(String topic, int queueId) {}

    /** @param turn a random number from 0 to 99: where to begin */
    static List<Queue> of(MessageStore store, PopRequest wanted, int turn) {
        List<Queue> retries =
                wanted.ordered() ? List.of() : all(store, GroupTopics.popRetry(wanted.group(), wanted.topic()), turn);
        List<Queue> queues = new ArrayList<>();
        if (turn < RETRIES_FIRST) {
            queues.addAll(retries);
        }
        if (wanted.queueId() >= 0) {
            queues.add(new Queue(wanted.topic(), wanted.queueId()));
        } else {
            queues.addAll(all(store, wanted.topic(), turn));
        }
        if (turn >= RETRIES_FIRST) {
            queues.addAll(retries);
        }
        return queues.stream().distinct().toList();
    }

    private static List<Queue> all(MessageStore store, String topic, int turn) {
        TopicConfig config = store.topic(topic);
        List<Queue> queues = new ArrayList<>();
        for (int i = 0; config != null && i < config.readQueues(); i++) {
            queues.add(new Queue(topic, (turn + i) % config.readQueues()));
        }
        return queues;
    }
}
