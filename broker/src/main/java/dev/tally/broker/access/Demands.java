package dev.tally.broker.access;

import static dev.tally.broker.access.Permission.Use.ANY;
import static dev.tally.broker.access.Permission.Use.PUB;
import static dev.tally.broker.access.Permission.Use.SUB;

import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.Heartbeat;
import dev.tally.broker.protocol.JsonBody;
import dev.tally.broker.protocol.QueueLockRequest;
import dev.tally.broker.protocol.RequestCode;
import dev.tally.broker.protocol.Subscription;
import dev.tally.broker.protocol.SystemTopics;
import dev.tally.broker.topic.GroupTopics;
import dev.tally.broker.topic.Topics;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What each request needs of an account. What is not named here needs an administrator, so that a request that the broker
 * learns later is closed until somebody decides otherwise.
 */
final class Demands {

    private static final List<Integer> OF_A_CONSUMER = List.of(
            RequestCode.PULL_MESSAGE,
            RequestCode.LITE_PULL_MESSAGE,
            RequestCode.QUERY_CONSUMER_OFFSET,
            RequestCode.UPDATE_CONSUMER_OFFSET,
            RequestCode.POP_MESSAGE,
            RequestCode.ACK_MESSAGE,
            RequestCode.CHANGE_MESSAGE_INVISIBLE_TIME,
            RequestCode.NOTIFICATION,
            RequestCode.POLLING_INFO);

    private static final Map<Integer, Function<Command, List<Need>>> BY_CODE = table();

    private Demands() {}

    /** What a request needs; may read its body. */
    static List<Need> of(Command request) {
        Function<Command, List<Need>> needs = BY_CODE.get(request.code());
        return needs == null ? List.of(Need.ADMIN) : needs.apply(request);
    }

    private static Map<Integer, Function<Command, List<Need>>> table() {
        Map<Integer, Function<Command, List<Need>>> table = new HashMap<>();
        table.put(RequestCode.SEND_MESSAGE, topicIn("topic", PUB));
        table.put(RequestCode.SEND_MESSAGE_V2, topicIn("b", PUB));
        table.put(RequestCode.SEND_BATCH_MESSAGE, topicIn("b", PUB));
        table.put(RequestCode.RECALL_MESSAGE, topicIn("topic", PUB));
        table.put(
                RequestCode.END_TRANSACTION,
                request -> List.of(Need.position(request.fields().requiredLongNumber("commitLogOffset"), PUB)));
        table.put(
                RequestCode.CONSUMER_SEND_MESSAGE_BACK,
                request -> List.of(
                        Need.group(request.fields().requiredText("group")),
                        Need.position(request.fields().requiredLongNumber("offset"), SUB)));
        table.put(
                RequestCode.VIEW_MESSAGE_BY_ID,
                request -> List.of(Need.position(request.fields().requiredLongNumber("offset"), SUB)));
        table.put(RequestCode.QUERY_MESSAGE, topicIn("topic", SUB));
        OF_A_CONSUMER.forEach(code -> table.put(code, Demands::ofConsumer));
        for (int code : List.of(
                RequestCode.GET_MAX_OFFSET,
                RequestCode.GET_MIN_OFFSET,
                RequestCode.SEARCH_OFFSET_BY_TIMESTAMP,
                RequestCode.GET_EARLIEST_MESSAGE_STORE_TIME,
                RequestCode.GET_TOPIC_CONFIG,
                RequestCode.GET_TOPIC_STATS_INFO)) {
            table.put(code, topicIn("topic", ANY));
        }
        table.put(RequestCode.GET_CONSUMER_LIST_BY_GROUP, groupIn("consumerGroup"));
        table.put(RequestCode.GET_CONSUME_STATS, Demands::ofProgress);
        table.put(RequestCode.GET_SUBSCRIPTION_GROUP_CONFIG, groupIn("group"));
        table.put(RequestCode.HEART_BEAT, request -> ofHeartbeat(Heartbeat.from(request.body())));
        table.put(RequestCode.UNREGISTER_CLIENT, Demands::ofGoodbye);
        table.put(RequestCode.LOCK_BATCH_QUEUES, request -> ofLocks(QueueLockRequest.from(request.body())));
        table.put(RequestCode.UNLOCK_BATCH_QUEUES, request -> ofLocks(QueueLockRequest.from(request.body())));
        table.put(RequestCode.CHECK_CLIENT_CONFIG, request -> ofClientCheck(request.body()));
        table.put(RequestCode.QUERY_ASSIGNMENT, request -> ofAssignment(request.body()));
        table.put(RequestCode.BATCH_ACK_MESSAGE, request -> ofBatchAck(request.body()));
        table.put(RequestCode.GET_ROUTE_BY_TOPIC, Demands::ofRoute);
        table.put(RequestCode.SEND_REPLY_MESSAGE, request -> ofReply(request, "topic"));
        table.put(RequestCode.SEND_REPLY_MESSAGE_V2, request -> ofReply(request, "b"));
        // An age and nothing else, which every service must know that answers check-backs; producer groups have no
        // permission.
        table.put(RequestCode.OLDEST_HALF_MESSAGE, request -> List.of());
        // The cluster has one broker, which they know.
        table.put(RequestCode.GET_BROKER_CLUSTER_INFO, request -> List.of());
        // Two numbers, of a producer group that any account may answer for.
        table.put(RequestCode.COUNT_HALF_MESSAGES, request -> List.of());
        return Map.copyOf(table);
    }

    private static Function<Command, List<Need>> topicIn(String field, Permission.Use use) {
        return request -> List.of(Need.topic(request.fields().requiredText(field), use));
    }

    private static Function<Command, List<Need>> groupIn(String field) {
        return request -> List.of(Need.group(request.fields().requiredText(field)));
    }

    private static List<Need> ofConsumer(Command request) {
        Fields fields = request.fields();
        return consuming(fields.requiredText("consumerGroup"), fields.requiredText("topic"));
    }

    /** A group's own retry topics come with the group; by pop, each topic has one of them. */
    private static List<Need> consuming(String group, String topic) {
        List<Need> needs = new ArrayList<>();
        needs.add(Need.group(group));
        String retry = GroupTopics.retry(group);
        if (topic.startsWith(retry + "+") || topic.startsWith(retry + "_")) {
            needs.add(Need.topic(topic.substring(retry.length() + 1), SUB));
        } else {
            needs.add(Need.topic(topic, SUB));
        }
        return needs;
    }

    /** The answer tells the ends of the queues of topics that are named, whether the group consumes them or not. */
    private static List<Need> ofProgress(Command request) {
        Fields fields = request.fields();
        String group = fields.requiredText("consumerGroup");
        List<Need> needs = new ArrayList<>();
        needs.add(Need.group(group));
        for (String field : List.of("topic", "topicList")) {
            String named = fields.text(field);
            if (named != null && !named.isBlank()) {
                for (String topic : named.split(";", -1)) {
                    needs.addAll(consuming(group, topic));
                }
            }
        }
        return needs;
    }

    private static List<Need> ofRoute(Command request) {
        String topic = request.fields().requiredText("topic");
        // Tells only whether topics are created on demand.
        return topic.equals(SystemTopics.TEMPLATE) ? List.of() : List.of(Need.topic(topic, ANY));
    }

    /** A reply goes to the one client that it names; a copy is kept in the topic for that, or in one that it may send to. */
    private static List<Need> ofReply(Command request, String field) {
        String topic = request.fields().requiredText(field);
        return Topics.keepsReplies(topic) ? List.of() : List.of(Need.topic(topic, PUB));
    }

    private static List<Need> ofHeartbeat(Heartbeat heartbeat) {
        List<Need> needs = new ArrayList<>();
        for (Heartbeat.Consumer consumer : heartbeat.consumers()) {
            needs.add(Need.group(consumer.group()));
            consumer.subscriptions().forEach(subscription -> needs.add(Need.topic(subscription.topic(), SUB)));
        }
        return needs;
    }

    private static List<Need> ofGoodbye(Command request) {
        String group = request.fields().text("consumerGroup");
        return group == null || group.isEmpty() ? List.of() : List.of(Need.group(group));
    }

    private static List<Need> ofLocks(QueueLockRequest locks) {
        List<Need> needs = new ArrayList<>();
        needs.add(Need.group(locks.group()));
        locks.queues().stream()
                .map(QueueLockRequest.Queue::topic)
                .distinct()
                .forEach(topic -> needs.add(Need.topic(topic, SUB)));
        return needs;
    }

    private static List<Need> ofClientCheck(ByteBuffer body) {
        JsonNode node = JsonBody.readObject(body, "client check");
        List<Need> needs = new ArrayList<>();
        String group = text(node, "group");
        if (group != null) {
            needs.add(Need.group(group));
        }
        Subscription subscription = Subscription.fromCheck(body);
        if (subscription != null) {
            needs.add(Need.topic(subscription.topic(), SUB));
        }
        return needs;
    }

    private static List<Need> ofAssignment(ByteBuffer body) {
        JsonNode node = JsonBody.readObject(body, "query for an assignment");
        String group = text(node, "consumerGroup");
        String topic = text(node, "topic");
        return group == null || topic == null ? List.of(Need.ADMIN) : consuming(group, topic);
    }

    private static List<Need> ofBatchAck(ByteBuffer body) {
        List<Need> needs = new ArrayList<>();
        for (JsonNode ack :
                JsonBody.readObject(body, "batch of acknowledgements").path("acks")) {
            String group = text(ack, "c");
            String topic = text(ack, "t");
            needs.addAll(group == null || topic == null ? List.of(Need.ADMIN) : consuming(group, topic));
        }
        return needs;
    }

    private static @Nullable String text(JsonNode node, String name) {
        String text = node.path(name).asString("");
        return text.isEmpty() ? null : text;
    }
}
