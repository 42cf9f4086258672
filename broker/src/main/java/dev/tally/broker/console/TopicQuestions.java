package dev.tally.broker.console;

import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.JsonBody;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.protocol.SystemTopics;
import dev.tally.broker.store.ReadResult;
import dev.tally.broker.store.StoredMessage;
import dev.tally.broker.store.TopicConfig;
import dev.tally.broker.topic.TopicJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/** Questions about topics and their queues. */
final class TopicQuestions {

    private static final int UNIT = 1;
    private static final int UNIT_SUBSCRIBED = 2;
    private static final int MOST_INDEX_ENTRIES = 1024;
    private static final int READ_BYTES = 4 * 1024 * 1024;

    private final Place place;
    private final Rates rates;

    TopicQuestions(Place place, Rates rates) {
        this.place = place;
        this.rates = rates;
    }

    CompletableFuture<Answer> stats(Connection connection, Command request) {
        String name = request.fields().requiredText("topic");
        TopicConfig topic = place.store.topic(name);
        if (topic == null) {
            return done(notThere(name));
        }
        return place.read(() -> {
            QueueMap offsets = place.queueMap();
            for (int queue = 0; queue < Math.max(topic.readQueues(), topic.writeQueues()); queue++) {
                long max = place.store.maxOffset(name, queue);
                Map<String, Object> offset = new LinkedHashMap<>();
                offset.put("lastUpdateTimestamp", place.storedAt(name, queue, max - 1, 0));
                offset.put("maxOffset", max);
                offset.put("minOffset", place.store.minOffset(name, queue));
                offsets.put(name, queue, offset);
            }
            return Answer.ok(JsonBody.write(Map.of(
                    "offsetTable", offsets.toJson(), "topicPutTps", rates.perSecond(Rates.TOPIC_PUT_NUMS, name))));
        });
    }

    /** All topics with what is configured of them. */
    CompletableFuture<Answer> configs(Connection connection, Command request) {
        Map<String, Object> table = new TreeMap<>();
        place.store.topics().forEach(topic -> table.put(topic.name(), TopicJson.of(topic)));
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("dataVersion", version());
        json.put("mappingDataVersion", version());
        json.put("topicConfigTable", table);
        json.put("topicQueueMappingDetailMap", Map.of());
        json.put("topicQueueMappingInfoMap", Map.of());
        return done(
                new Answer(ResponseCode.SUCCESS, null, Fields.of("totalTopicNum", table.size()), JsonBody.write(json)));
    }

    static Map<String, Object> version() {
        return Map.of("counter", 1, "stateVersion", 0, "timestamp", 0);
    }

    CompletableFuture<Answer> ofCluster(Connection connection, Command request) {
        boolean here = place.settings.cluster().equals(request.fields().requiredText("cluster"));
        return list(topic -> here);
    }

    CompletableFuture<Answer> unit(Connection connection, Command request) {
        return list(topic -> (topic.sysFlag() & UNIT) != 0);
    }

    CompletableFuture<Answer> unitSubscribed(Connection connection, Command request) {
        return list(topic -> (topic.sysFlag() & UNIT_SUBSCRIBED) != 0);
    }

    CompletableFuture<Answer> subscribedFromUnits(Connection connection, Command request) {
        return list(topic -> (topic.sysFlag() & UNIT_SUBSCRIBED) != 0 && (topic.sysFlag() & UNIT) == 0);
    }

    private CompletableFuture<Answer> list(Predicate<TopicConfig> which) {
        return done(listOf(place.store.topics().stream()
                .filter(which)
                .map(TopicConfig::name)
                .sorted()
                .toList()));
    }

    private static Answer listOf(List<String> topics) {
        return Answer.ok(JsonBody.write(Map.of("topicList", topics)));
    }

    /** To a name server the names of clusters and brokers are topics; it also says where to ask further. */
    CompletableFuture<Answer> systemTopicsOfNames(Connection connection, Command request) {
        List<String> names = List.of(place.settings.cluster(), place.settings.brokerName());
        return done(Answer.ok(JsonBody.write(Map.of("topicList", names, "brokerAddr", place.settings.advertised()))));
    }

    CompletableFuture<Answer> systemTopics(Connection connection, Command request) {
        List<String> system = new ArrayList<>(SystemTopics.WITHOUT_PREFIX);
        place.store.topics().stream()
                .map(TopicConfig::name)
                .filter(name -> name.startsWith(SystemTopics.PREFIX))
                .sorted()
                .forEach(system::add);
        return done(listOf(system));
    }

    /** The entries of a queue's index. */
    CompletableFuture<Answer> index(Connection connection, Command request) {
        String name = request.fields().requiredText("topic");
        int queue = request.fields().requiredNumber("queueId");
        long first = request.fields().requiredLongNumber("index");
        int count = Math.max(0, Math.min(request.fields().number("count", 0), MOST_INDEX_ENTRIES));
        TopicConfig topic = place.store.topic(name);
        if (topic == null || queue < 0 || queue >= Math.max(topic.readQueues(), topic.writeQueues())) {
            return done(Answer.refused(
                    ResponseCode.SYSTEM_ERROR,
                    "Cannot list queue " + queue + " of topic " + name + ": it does not exist"));
        }
        return place.read(() -> {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("maxQueueIndex", place.store.maxOffset(name, queue));
            json.put("minQueueIndex", place.store.minOffset(name, queue));
            json.put("queueData", entries(name, queue, first, count));
            return Answer.ok(JsonBody.write(json));
        });
    }

    private List<Map<String, Object>> entries(String topic, int queue, long first, int count) {
        List<Map<String, Object>> entries = new ArrayList<>();
        long next = first;
        while (entries.size() < count) {
            ReadResult found = place.store.read(topic, queue, next, count - entries.size(), READ_BYTES, hash -> true);
            if (found.status() != ReadResult.Status.FOUND) {
                break;
            }
            for (StoredMessage message : found.messages()) {
                Map<String, Object> entry = new LinkedHashMap<>();
                entry.put("physicOffset", message.position());
                entry.put("physicSize", message.payload().remaining());
                entry.put("tagsCode", message.tagsHash());
                entries.add(entry);
            }
            next = found.nextOffset();
        }
        return entries;
    }

    static Answer notThere(String topic) {
        return Answer.refused(ResponseCode.TOPIC_NOT_EXIST, "Topic " + topic + " does not exist");
    }

    static CompletableFuture<Answer> done(Answer answer) {
        return CompletableFuture.completedFuture(answer);
    }
}
