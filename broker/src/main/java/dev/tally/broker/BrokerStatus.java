package dev.tally.broker;

import dev.tally.broker.server.BrokerCore;
import dev.tally.broker.server.StorageHealth;
import dev.tally.broker.store.CommittedOffset;
import dev.tally.broker.store.GroupConfig;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.StoreStats;
import dev.tally.broker.store.TopicConfig;
import dev.tally.broker.topic.GroupTopics;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** What the status page shows. */
final class BrokerStatus {

    private final MessageStore store;
    private final BrokerCore core;

    BrokerStatus(MessageStore store, BrokerCore core) {
        this.store = store;
        this.core = core;
    }

    Map<String, Object> toJson(String version, String address, String durability, int connections) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("version", version);
        json.put("address", address);
        json.put("durability", durability);
        json.put("connections", connections);
        json.put("heldPulls", core.heldPulls());
        json.put("repeatedSends", core.repeatedSends());
        json.put("storage", storage(core.storage()));
        json.put("store", counters(store.stats()));
        json.put(
                "topics",
                store.topics().stream()
                        .sorted(Comparator.comparing(TopicConfig::name))
                        .map(this::topic)
                        .toList());
        json.put("groups", groups());
        return json;
    }

    private static Map<String, Object> storage(StorageHealth.Report report) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("state", report.state().name());
        json.put("since", report.since().toString());
        json.put("reason", report.reason());
        return json;
    }

    private static Map<String, Object> counters(StoreStats stats) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("messages", stats.messages());
        json.put("halves", stats.halves());
        json.put("committedByProducer", stats.committedByProducer());
        json.put("committedByCheckBack", stats.committedByCheckBack());
        json.put("rolledBackByProducer", stats.rolledBackByProducer());
        json.put("rolledBackByCheckBack", stats.rolledBackByCheckBack());
        json.put("decidedByOperator", stats.decidedByOperator());
        json.put("undecided", stats.undecided());
        json.put("parked", stats.parked());
        json.put("scheduled", stats.scheduled());
        json.put("logBytes", stats.logBytes());
        json.put("logStart", stats.logStart());
        json.put("snapshotPosition", stats.snapshotPosition());
        json.put("snapshotFailures", stats.snapshotFailures());
        json.put("pinnedBytes", stats.pinnedBytes());
        json.put("copiedMessages", stats.copiedMessages());
        json.put("checksDelivered", stats.checksDelivered());
        json.put("conflicts", stats.conflicts());
        return json;
    }

    private Map<String, Object> topic(TopicConfig topic) {
        List<Map<String, Object>> queues = new ArrayList<>();
        for (int queueId = 0; queueId < Math.max(topic.readQueues(), topic.writeQueues()); queueId++) {
            Map<String, Object> queue = new LinkedHashMap<>();
            queue.put("queueId", queueId);
            queue.put("minOffset", store.minOffset(topic.name(), queueId));
            queue.put("maxOffset", store.maxOffset(topic.name(), queueId));
            queues.add(queue);
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", topic.name());
        json.put("readQueues", topic.readQueues());
        json.put("writeQueues", topic.writeQueues());
        json.put("perm", topic.perm());
        json.put("flush", String.valueOf(topic.flush()));
        Boolean keep = topic.keepUnconsumed();
        if (keep != null) {
            json.put("keepUnconsumed", keep);
        }
        json.put("queues", queues);
        return json;
    }

    private List<Map<String, Object>> groups() {
        TreeSet<String> names = new TreeSet<>(core.consumerGroupsOnline());
        store.groups().stream()
                .map(GroupConfig::name)
                .filter(name -> !name.startsWith(GroupTopics.SYSTEM_GROUP_PREFIX))
                .forEach(names::add);
        return names.stream().map(this::group).toList();
    }

    private Map<String, Object> group(String name) {
        List<Map<String, Object>> queues = new ArrayList<>();
        long lag = 0;
        for (CommittedOffset committed : store.committedOffsets(name)) {
            long behind = Math.max(0, store.maxOffset(committed.topic(), committed.queueId()) - committed.offset());
            lag += behind;
            Map<String, Object> queue = new LinkedHashMap<>();
            queue.put("topic", committed.topic());
            queue.put("queueId", committed.queueId());
            queue.put("offset", committed.offset());
            queue.put("lag", behind);
            queues.add(queue);
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", name);
        json.put("online", core.consumerIds(name));
        json.put("lag", lag);
        json.put("queues", queues);
        return json;
    }
}
