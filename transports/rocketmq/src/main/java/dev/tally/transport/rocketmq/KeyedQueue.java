package dev.tally.transport.rocketmq;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;
import org.apache.rocketmq.client.producer.MessageQueueSelector;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * The queue of a key: CRC-32 of its UTF-8 bytes over the topic's queues, the same in every process and release. When
 * the number of queues changes, keys move, and order across the change is not kept.
 */
final class KeyedQueue implements MessageQueueSelector {

    @Override
    public MessageQueue select(List<MessageQueue> queues, Message message, Object key) {
        return queues.get(indexOf((String) key, queues.size()));
    }

    static int indexOf(String key, int queues) {
        CRC32 crc = new CRC32();
        crc.update(key.getBytes(StandardCharsets.UTF_8));
        return (int) (crc.getValue() % queues);
    }
}
