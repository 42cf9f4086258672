package dev.tally.broker.console;

import dev.tally.broker.client.Clients;
import dev.tally.broker.client.OffsetResets;
import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.JsonBody;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.store.CommittedOffset;
import dev.tally.broker.store.MessageStore.ArrivalListener;
import dev.tally.broker.store.TopicConfig;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Changes of a group's progress by people. Answered when they are durable. */
final class GroupChanges {

    private static final Logger log = LoggerFactory.getLogger(GroupChanges.class);

    private final Place place;
    private final GroupQuestions groups;
    private final Clients clients;
    private final OffsetResets resets;
    private final ArrivalListener heldPulls;

    GroupChanges(Place place, GroupQuestions groups, Clients clients, OffsetResets resets, ArrivalListener heldPulls) {
        this.place = place;
        this.groups = groups;
        this.clients = clients;
        this.resets = resets;
        this.heldPulls = heldPulls;
    }

    /**
     * Resets a group's offsets in a topic: all queues, or one.
     *
     * <ol>
     *   <li>Find where: an offset that is given for one queue, the end for a negative time, or the first message from a
     *       time on.
     *   <li>Write the offsets into the log; from now on the group's consumers cannot commit what they had.
     *   <li>The next pull of each queue, or the one that is held, tells its consumer where to go on.
     * </ol>
     */
    CompletableFuture<Answer> reset(Connection connection, Command request) {
        String group = request.fields().requiredText("group");
        String name = request.fields().requiredText("topic");
        int queue = request.fields().number("queueId", -1);
        long offset = request.fields().longNumber("offset", -1);
        long timestamp = request.fields().longNumber("timestamp", -1);
        String attempt = "Cannot reset the offsets of group " + group + " in topic " + name + ": ";
        TopicConfig topic = place.store.topic(name);
        if (topic == null) {
            return refused(ResponseCode.TOPIC_NOT_EXIST, attempt + "the topic does not exist");
        }
        if (place.store.group(group) == null) {
            return refused(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, attempt + "the group does not exist");
        }
        if (queue >= topic.readQueues()) {
            return refused(
                    ResponseCode.SYSTEM_ERROR, attempt + "it has " + topic.readQueues() + " queues and no " + queue);
        }
        if (queue >= 0 && offset >= 0) {
            long min = place.store.minOffset(name, queue);
            long max = place.store.maxOffset(name, queue);
            return offset < min || offset > max
                    ? refused(
                            ResponseCode.SYSTEM_ERROR,
                            attempt + "offset " + offset + " of queue " + queue + " is not within " + min + " to "
                                    + max)
                    : write(group, name, Map.of(queue, offset));
        }
        return CompletableFuture.supplyAsync(() -> offsets(topic, queue, timestamp), place.reads())
                .thenCompose(found -> write(group, name, found));
    }

    private Map<Integer, Long> offsets(TopicConfig topic, int only, long timestamp) {
        Map<Integer, Long> offsets = new TreeMap<>();
        for (int queue = Math.max(0, only); queue < (only >= 0 ? only + 1 : topic.readQueues()); queue++) {
            offsets.put(
                    queue,
                    timestamp < 0
                            ? place.store.maxOffset(topic.name(), queue)
                            : place.store.offsetByTime(topic.name(), queue, timestamp));
        }
        return offsets;
    }

    private CompletableFuture<Answer> write(String group, String topic, Map<Integer, Long> offsets) {
        boolean online = !clients.consumerConnections(group).isEmpty();
        List<CompletableFuture<?>> durable = new ArrayList<>();
        offsets.forEach((queue, offset) -> {
            if (online) {
                // Before the record: a commit that comes after it in the log would undo it.
                resets.set(group, topic, queue, offset);
            }
            durable.add(place.store.commitOffset(group, topic, queue, offset).whenComplete((written, failure) -> {
                if (failure != null) {
                    resets.forget(group, topic, queue);
                }
            }));
        });
        return CompletableFuture.allOf(durable.toArray(CompletableFuture<?>[]::new))
                .thenApply(written -> {
                    log.info("Offsets reset; group={} topic={} offsets={} online={}", group, topic, offsets, online);
                    QueueMap table = place.queueMap();
                    offsets.forEach((queue, offset) -> table.put(topic, queue, offset));
                    if (online) {
                        offsets.forEach((queue, offset) -> heldPulls.arrived(topic, queue, offset));
                    }
                    return Answer.ok(JsonBody.write(Map.of("offsetTable", table.toJson())));
                });
    }

    /** Gives a group the offsets of another one, in one topic or in all. */
    CompletableFuture<Answer> cloneOffsets(Connection connection, Command request) {
        String from = request.fields().requiredText("srcGroup");
        String to = request.fields().requiredText("destGroup");
        String topic = request.fields().text("topic");
        boolean offline = request.fields().flag("offline", false);
        Collection<String> topics = topic == null || topic.isBlank() ? groups.topicsOf(from) : List.of(topic);
        Collection<String> wanted = offline ? topics : groups.subscribed(from, topics);
        List<CompletableFuture<?>> durable = new ArrayList<>();
        for (CommittedOffset offset : place.store.committedOffsets(from)) {
            if (wanted.contains(offset.topic()) && place.store.topic(offset.topic()) != null) {
                durable.add(place.store.commitOffset(to, offset.topic(), offset.queueId(), offset.offset()));
            }
        }
        return CompletableFuture.allOf(durable.toArray(CompletableFuture<?>[]::new))
                .thenApply(written -> {
                    log.info("Offsets cloned; from={} to={} queues={}", from, to, durable.size());
                    return Answer.ok();
                });
    }

    private static CompletableFuture<Answer> refused(int code, String remark) {
        return TopicQuestions.done(Answer.refused(code, remark));
    }
}
