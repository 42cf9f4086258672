package dev.tally.broker.transfer;

import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.JsonBody;
import dev.tally.broker.protocol.PullFlag;
import dev.tally.broker.protocol.RequestCode;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.protocol.SystemTopics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** One master broker and what a copy asks of it. Thread-safe. */
final class Node {

    /** Begins like the groups that RocketMQ's brokers keep for themselves, so that no list of groups shows it. */
    static final String GROUP = "CID_RMQ_SYS_TALLY_COPY";

    static final int MOST_MESSAGES = 1024;

    private final Link link;
    private final String name;
    private final String address;

    Node(Link link, String name, String address) {
        this.link = link;
        this.name = name;
        this.address = address;
    }

    String name() {
        return name;
    }

    String address() {
        return address;
    }

    Command await(CompletableFuture<Command> answer) throws IOException {
        return link.await(address, answer);
    }

    long maxOffset(String topic, int queue) throws IOException {
        return offset("end", RequestCode.GET_MAX_OFFSET, topic, queue);
    }

    long minOffset(String topic, int queue) throws IOException {
        return offset("begin", RequestCode.GET_MIN_OFFSET, topic, queue);
    }

    private long offset(String which, int code, String topic, int queue) throws IOException {
        return link.ask(
                        "The question for the " + which + " of topic " + topic + " queue " + queue,
                        address,
                        code,
                        Fields.of("topic", topic, "queueId", queue))
                .fields()
                .requiredLongNumber("offset");
    }

    /** Reads messages from an offset on; does not wait for any. */
    CompletableFuture<Command> pull(String topic, int queue, long offset) throws IOException {
        Fields fields = Fields.of(
                "consumerGroup",
                GROUP,
                "topic",
                topic,
                "queueId",
                queue,
                "queueOffset",
                offset,
                "maxMsgNums",
                MOST_MESSAGES,
                "sysFlag",
                PullFlag.SUBSCRIPTION,
                "commitOffset",
                0,
                "suspendTimeoutMillis",
                0,
                "subscription",
                "*",
                "expressionType",
                "TAG",
                "subVersion",
                0);
        return link.send(address, RequestCode.PULL_MESSAGE, fields, Command.noBody());
    }

    /** For requests that must not overtake each other. */
    LinkConnection connection() throws IOException {
        return link.connection(address);
    }

    CompletableFuture<Command> send(LinkConnection connection, Outgoing outgoing, String topic, int queue)
            throws IOException {
        boolean batch = outgoing.size() > 1;
        return link.send(
                connection,
                batch ? RequestCode.SEND_BATCH_MESSAGE : RequestCode.SEND_MESSAGE_V2,
                outgoing.fields(topic, queue),
                outgoing.body());
    }

    /** What is configured of a topic, {@code null} where it does not exist. */
    @Nullable JsonNode topicConfig(String topic) throws IOException {
        Command answer = link.call(address, RequestCode.GET_TOPIC_CONFIG, Fields.of("topic", topic), Command.noBody());
        if (answer.code() == ResponseCode.TOPIC_NOT_EXIST) {
            return null;
        }
        if (answer.code() != ResponseCode.SUCCESS) {
            throw new RefusedException("The question for topic " + topic, address, answer.code(), answer.remark());
        }
        return ForeignJson.read(answer, "topic " + topic);
    }

    void createTopic(String topic, int queues, int perm, int sysFlag, boolean order, String attributes)
            throws IOException {
        Fields fields = Fields.of(
                "topic",
                topic,
                "defaultTopic",
                SystemTopics.TEMPLATE,
                "readQueueNums",
                queues,
                "writeQueueNums",
                queues,
                "perm",
                perm,
                "topicFilterType",
                "SINGLE_TAG",
                "topicSysFlag",
                sysFlag,
                "order",
                order,
                "attributes",
                attributes.isEmpty() ? null : attributes);
        link.ask("The creation of topic " + topic, address, RequestCode.UPDATE_AND_CREATE_TOPIC, fields);
    }

    /** Configured groups by their names. */
    Map<String, JsonNode> groups() throws IOException {
        JsonNode json = ForeignJson.read(
                link.ask(
                        "The question for the consumer groups",
                        address,
                        RequestCode.GET_ALL_SUBSCRIPTION_GROUP_CONFIG,
                        Fields.none()),
                "the consumer groups");
        Map<String, JsonNode> groups = new TreeMap<>();
        json.path("subscriptionGroupTable").properties().forEach(group -> groups.put(group.getKey(), group.getValue()));
        return groups;
    }

    void createGroup(String group, String config) throws IOException {
        link.ask(
                "The creation of consumer group " + group,
                address,
                RequestCode.UPDATE_AND_CREATE_SUBSCRIPTION_GROUP,
                Fields.none(),
                StandardCharsets.UTF_8.encode(config));
    }

    /** All committed offsets: by {@code topic@group}, by queue. */
    JsonNode committedOffsets() throws IOException {
        return ForeignJson.read(
                        link.ask(
                                "The question for the committed offsets",
                                address,
                                RequestCode.GET_ALL_CONSUMER_OFFSET,
                                Fields.none()),
                        "the committed offsets")
                .path("offsetTable");
    }

    void commit(String group, String topic, int queue, long offset) throws IOException {
        link.ask(
                "The commit of offset " + offset + " of group " + group + " in topic " + topic + " queue " + queue,
                address,
                RequestCode.UPDATE_CONSUMER_OFFSET,
                Fields.of("consumerGroup", group, "topic", topic, "queueId", queue, "commitOffset", offset));
    }

    /** Whether the group has consumers that run. */
    boolean online(String group) throws IOException {
        Command answer = link.call(
                address, RequestCode.GET_CONSUMER_LIST_BY_GROUP, Fields.of("consumerGroup", group), Command.noBody());
        return answer.code() == ResponseCode.SUCCESS
                && answer.body().hasRemaining()
                && !ForeignJson.read(answer, "the members of group " + group)
                        .path("consumerIdList")
                        .isEmpty();
    }

    /** A value of the broker's own configuration, or the default where it does not say. */
    int setting(String key, int absent) throws IOException {
        Command answer = link.call(address, RequestCode.GET_BROKER_CONFIG, Fields.none(), Command.noBody());
        if (answer.code() != ResponseCode.SUCCESS) {
            return absent;
        }
        ByteBuffer body = answer.body().duplicate();
        for (String line : StandardCharsets.UTF_8.decode(body).toString().split("\n", -1)) {
            if (line.startsWith(key + "=")) {
                try {
                    return Integer.parseInt(line.substring(key.length() + 1).strip());
                } catch (NumberFormatException e) {
                    throw new CopyFailedException(address + " says of its " + key + " what is no number", e);
                }
            }
        }
        return absent;
    }

    /** What it says of itself while it runs. */
    Map<String, String> runtime() throws IOException {
        Command answer = link.call(address, RequestCode.GET_BROKER_RUNTIME_INFO, Fields.none(), Command.noBody());
        Map<String, String> table = new TreeMap<>();
        if (answer.code() == ResponseCode.SUCCESS) {
            ForeignJson.read(answer, "the broker")
                    .path("table")
                    .properties()
                    .forEach(entry -> table.put(entry.getKey(), entry.getValue().asString("")));
        }
        return table;
    }

    /** How far the fixed delay levels were delivered, as RocketMQ's brokers count it; empty for others. */
    Map<Integer, Long> delayOffsets() throws IOException {
        Command answer = link.call(address, RequestCode.GET_ALL_DELAY_OFFSET, Fields.none(), Command.noBody());
        Map<Integer, Long> offsets = new TreeMap<>();
        if (answer.code() == ResponseCode.SUCCESS && answer.body().hasRemaining()) {
            ForeignJson.read(answer, "the delayed messages")
                    .path("offsetTable")
                    .properties()
                    .forEach(level -> offsets.put(
                            Integer.parseInt(level.getKey()), level.getValue().asLong(0)));
        }
        return offsets;
    }

    OptionalLong committed(String group, String topic, int queue) throws IOException {
        Command answer = link.call(
                address,
                RequestCode.QUERY_CONSUMER_OFFSET,
                Fields.of("consumerGroup", group, "topic", topic, "queueId", queue, "setZeroIfNotFound", false),
                Command.noBody());
        return answer.code() == ResponseCode.SUCCESS
                ? OptionalLong.of(answer.fields().requiredLongNumber("offset"))
                : OptionalLong.empty();
    }

    static String json(JsonNode config) {
        return JsonBody.text(config);
    }
}
