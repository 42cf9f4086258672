package dev.tally.broker.topic;

import dev.tally.broker.protocol.JsonBody;
import dev.tally.broker.protocol.MalformedCommandException;
import dev.tally.broker.store.GroupConfig;
import dev.tally.broker.store.TopicConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/** Topics and consumer groups as the protocol's bodies have them. */
public final class TopicJson {

    private TopicJson() {}

    /** A topic's configuration. */
    public static Map<String, Object> of(TopicConfig topic) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("attributes", topic.attributes());
        json.put("order", topic.order());
        json.put("perm", topic.perm());
        json.put("readQueueNums", topic.readQueues());
        json.put("topicFilterType", "SINGLE_TAG");
        json.put("topicName", topic.name());
        json.put("topicSysFlag", topic.sysFlag());
        json.put("writeQueueNums", topic.writeQueues());
        return json;
    }

    /** A group's configuration: what counts here, and beside it what it was given with. */
    public static Map<String, Object> of(GroupConfig group) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("attributes", Map.of());
        json.put("brokerId", 0);
        json.put("consumeBroadcastEnable", true);
        json.put("consumeFromMinEnable", true);
        json.put("consumeMessageOrderly", false);
        json.put("consumeTimeoutMinute", 15);
        json.put("groupRetryPolicy", Map.of("type", "CUSTOMIZED"));
        json.put("groupSysFlag", 0);
        json.put("notifyConsumerIdsChangedEnable", true);
        json.put("whichBrokerWhenConsumeSlowly", 1);
        json.putAll(more(group));
        json.put("consumeEnable", group.consumeEnabled());
        json.put("groupName", group.name());
        json.put("retryMaxTimes", group.maxReconsume());
        json.put("retryQueueNums", group.retryQueues());
        return json;
    }

    private static Map<String, Object> more(GroupConfig group) {
        Map<String, Object> more = new LinkedHashMap<>();
        if (!group.more().isEmpty()) {
            if (!(JsonBody.value(group.more(), "configuration of group " + group.name()) instanceof Map<?, ?> map)) {
                throw new MalformedCommandException(
                        "The configuration of group " + group.name() + " is no JSON object");
            }
            map.forEach((name, value) -> more.put(String.valueOf(name), value));
        }
        return more;
    }
}
