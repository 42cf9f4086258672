package dev.tally.broker.console;

import dev.tally.broker.client.Clients;
import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.JsonBody;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.protocol.Subscription;
import dev.tally.broker.store.CommittedOffset;
import dev.tally.broker.store.GroupConfig;
import dev.tally.broker.store.TopicConfig;
import dev.tally.broker.topic.GroupTopics;
import dev.tally.broker.topic.TopicJson;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/** Questions about consumer groups: what is configured, how far they are, what they wait for. */
final class GroupQuestions {

    private final Place place;
    private final Clients clients;
    private final Rates rates;
    private final InstantSource clock;

    GroupQuestions(Place place, Clients clients, Rates rates, InstantSource clock) {
        this.place = place;
        this.clients = clients;
        this.rates = rates;
        this.clock = clock;
    }

    CompletableFuture<Answer> configs(Connection connection, Command request) {
        Map<String, Object> table = new TreeMap<>();
        configured().forEach(group -> table.put(group.name(), TopicJson.of(group)));
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("dataVersion", TopicQuestions.version());
        json.put("forbiddenTable", Map.of());
        json.put("subscriptionGroupTable", table);
        return TopicQuestions.done(
                new Answer(ResponseCode.SUCCESS, null, Fields.of("totalGroupNum", table.size()), JsonBody.write(json)));
    }

    private List<GroupConfig> configured() {
        return place.store.groups().stream()
                .filter(group -> !group.name().startsWith(GroupTopics.SYSTEM_GROUP_PREFIX))
                .toList();
    }

    CompletableFuture<Answer> config(Connection connection, Command request) {
        String name = request.fields().requiredText("group");
        GroupConfig group = place.store.group(name);
        return TopicQuestions.done(
                group == null
                        ? Answer.refused(
                                ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, "Consumer group " + name + " does not exist")
                        : Answer.ok(JsonBody.write(TopicJson.of(group))));
    }

    /** How far a group is in the topics asked for, or in all in which it ever was. */
    CompletableFuture<Answer> progress(Connection connection, Command request) {
        String group = request.fields().requiredText("consumerGroup");
        String topic = request.fields().text("topic");
        String several = request.fields().text("topicList");
        Collection<String> topics;
        if (several != null && !several.isBlank()) {
            topics = List.of(several.split(";", -1));
        } else {
            topics = topic == null || topic.isBlank() ? topicsOf(group) : List.of(topic);
            topics = subscribed(group, topics);
        }
        Collection<String> wanted = topics;
        return place.read(() -> {
            QueueMap offsets = place.queueMap();
            double perSecond = 0;
            for (String name : wanted) {
                TopicConfig config = place.store.topic(name);
                if (config != null) {
                    putProgress(group, config, offsets);
                    perSecond += rates.perSecond(Rates.GROUP_GET_NUMS, name + "@" + group);
                }
            }
            return Answer.ok(JsonBody.write(Map.of("consumeTps", perSecond, "offsetTable", offsets.toJson())));
        });
    }

    /** Answers how many messages the group is behind. */
    private long putProgress(String group, TopicConfig topic, QueueMap offsets) {
        long behind = 0;
        for (int queue = 0; queue < topic.readQueues(); queue++) {
            long broker = place.store.maxOffset(topic.name(), queue);
            long consumer = committed(group, topic.name(), queue);
            Map<String, Object> offset = new LinkedHashMap<>();
            offset.put("brokerOffset", broker);
            offset.put("consumerOffset", consumer);
            offset.put("lastTimestamp", place.storedAt(topic.name(), queue, consumer - 1, 0));
            offset.put("pullOffset", consumer);
            offsets.put(topic.name(), queue, offset);
            behind += Math.max(0, broker - consumer);
        }
        return behind;
    }

    private long committed(String group, String topic, int queue) {
        return place.store.committedOffset(group, topic, queue).orElse(0);
    }

    Set<String> topicsOf(String group) {
        Set<String> topics = new TreeSet<>();
        place.store.committedOffsets(group).stream().map(CommittedOffset::topic).forEach(topics::add);
        return topics;
    }

    /** Those of the topics that members subscribe to; all of them where nobody is online. */
    Collection<String> subscribed(String group, Collection<String> topics) {
        Map<String, Subscription> subscriptions = clients.subscriptions(group);
        return subscriptions.isEmpty()
                ? topics
                : topics.stream().filter(subscriptions::containsKey).toList();
    }

    /** The progress of all groups. */
    CompletableFuture<Answer> allProgress(Connection connection, Command request) {
        boolean onlyOrdered = request.fields().flag("isOrder", false);
        return place.read(() -> {
            long behind = 0;
            List<Object> groups = new ArrayList<>();
            for (GroupConfig group : configured()) {
                List<Object> stats = new ArrayList<>();
                for (String name : subscribed(group.name(), topicsOf(group.name()))) {
                    TopicConfig topic = place.store.topic(name);
                    if (topic != null && (topic.order() || !onlyOrdered)) {
                        QueueMap offsets = place.queueMap();
                        behind += putProgress(group.name(), topic, offsets);
                        double perSecond = rates.perSecond(Rates.GROUP_GET_NUMS, name + "@" + group.name());
                        stats.add(Map.of("consumeTps", perSecond, "offsetTable", offsets.toJson()));
                    }
                }
                groups.add(Map.of(group.name(), stats));
            }
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("brokerAddr", place.settings.advertised());
            json.put("consumeStatsList", groups);
            json.put("totalDiff", behind);
            json.put("totalInflightDiff", 0);
            return Answer.ok(JsonBody.write(json));
        });
    }

    /** Groups that consume a topic, or did. */
    CompletableFuture<Answer> consumersOf(Connection connection, Command request) {
        String topic = request.fields().requiredText("topic");
        Set<String> groups = new TreeSet<>(clients.groupsSubscribedTo(topic));
        place.store.groups().stream()
                .map(GroupConfig::name)
                .filter(group -> topicsOf(group).contains(topic))
                .filter(group -> !group.startsWith(GroupTopics.SYSTEM_GROUP_PREFIX))
                .forEach(groups::add);
        return TopicQuestions.done(Answer.ok(JsonBody.write(Map.of("groupList", groups))));
    }

    CompletableFuture<Answer> topicsConsumed(Connection connection, Command request) {
        String group = request.fields().requiredText("group");
        return TopicQuestions.done(Answer.ok(
                JsonBody.write(Map.of("topicList", topicsOf(group), "brokerAddr", place.settings.advertised()))));
    }

    CompletableFuture<Answer> subscription(Connection connection, Command request) {
        String group = request.fields().requiredText("group");
        String topic = request.fields().requiredText("topic");
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("group", group);
        json.put("topic", topic);
        Subscription subscription = clients.subscriptions(group).get(topic);
        if (subscription != null) {
            json.put("subscriptionData", ClientJson.of(subscription));
        }
        return TopicQuestions.done(Answer.ok(JsonBody.write(json)));
    }

    /** From when to when the messages of each queue are, and up to when the group is. */
    CompletableFuture<Answer> timeSpan(Connection connection, Command request) {
        String name = request.fields().requiredText("topic");
        String group = request.fields().requiredText("group");
        TopicConfig topic = place.store.topic(name);
        if (topic == null) {
            return TopicQuestions.done(TopicQuestions.notThere(name));
        }
        return place.read(() -> {
            List<Object> spans = new ArrayList<>();
            for (int queue = 0; queue < topic.writeQueues(); queue++) {
                spans.add(span(group, name, queue));
            }
            return Answer.ok(JsonBody.write(Map.of("consumeTimeSpanSet", spans)));
        });
    }

    private Map<String, Object> span(String group, String topic, int queue) {
        long next = place.store.maxOffset(topic, queue);
        long earliest = place.storedAt(topic, queue, place.store.minOffset(topic, queue), -1);
        long consumed = committed(group, topic, queue);
        long waitingSince = consumed < next ? place.storedAt(topic, queue, consumed, -1) : -1;
        Map<String, Object> span = new LinkedHashMap<>();
        span.put("consumeTimeStamp", consumed > 0 ? place.storedAt(topic, queue, consumed - 1, -1) : earliest);
        span.put("delayTime", waitingSince < 0 ? 0 : Math.max(0, clock.millis() - waitingSince));
        span.put("maxTimeStamp", place.storedAt(topic, queue, next - 1, -1));
        span.put("messageQueue", QueueMap.queue(place.settings.brokerName(), topic, queue));
        span.put("minTimeStamp", earliest);
        return span;
    }

    /** The smallest offset of other groups in each queue; what the compared group is beyond counts as endless. */
    CompletableFuture<Answer> correction(Connection connection, Command request) {
        String topic = request.fields().requiredText("topic");
        String compared = request.fields().text("compareGroup");
        String left = request.fields().text("filterGroups");
        Set<String> leftOut = left == null
                ? Set.of()
                : Set.copyOf(List.of(left.split(",", -1)).stream().distinct().toList());
        Map<Integer, Long> smallest = new TreeMap<>();
        for (GroupConfig group : configured()) {
            if (!leftOut.contains(group.name())) {
                place.store.committedOffsets(group.name()).stream()
                        .filter(offset -> offset.topic().equals(topic))
                        .forEach(offset -> smallest.merge(offset.queueId(), offset.offset(), Math::min));
            }
        }
        if (compared != null) {
            smallest.replaceAll((queue, offset) -> {
                long own = place.store.committedOffset(compared, topic, queue).orElse(Long.MAX_VALUE);
                return offset > own ? Long.MAX_VALUE : offset;
            });
        }
        return TopicQuestions.done(Answer.ok(JsonBody.write(Map.of("correctionOffsets", smallest))));
    }

    /** All committed offsets: by topic@group, by queue. */
    CompletableFuture<Answer> allOffsets(Connection connection, Command request) {
        Map<String, Map<Integer, Long>> table = new TreeMap<>();
        for (GroupConfig group : configured()) {
            place.store.committedOffsets(group.name()).forEach(offset -> table.computeIfAbsent(
                            offset.topic() + "@" + group.name(), key -> new TreeMap<>())
                    .put(offset.queueId(), offset.offset()));
        }
        return TopicQuestions.done(
                Answer.ok(JsonBody.write(Map.of("dataVersion", TopicQuestions.version(), "offsetTable", table))));
    }
}
