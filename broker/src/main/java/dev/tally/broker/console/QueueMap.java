package dev.tally.broker.console;

import dev.tally.broker.protocol.JsonBody;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.util.RawValue;

/** A JSON object whose names are queues: the protocol writes them as objects, which JSON itself does not know. */
final class QueueMap {

    private final String brokerName;
    private final StringBuilder text = new StringBuilder("{");

    QueueMap(String brokerName) {
        this.brokerName = brokerName;
    }

    void put(String topic, int queueId, Object value) {
        if (text.length() > 1) {
            text.append(',');
        }
        text.append(JsonBody.text(queue(brokerName, topic, queueId)))
                .append(':')
                .append(JsonBody.text(value));
    }

    /** To be put into what {@link JsonBody} writes. */
    RawValue toJson() {
        return new RawValue(text + "}");
    }

    static Map<String, Object> queue(String brokerName, String topic, int queueId) {
        Map<String, Object> queue = new LinkedHashMap<>();
        queue.put("brokerName", brokerName);
        queue.put("queueId", queueId);
        queue.put("topic", topic);
        return queue;
    }
}
