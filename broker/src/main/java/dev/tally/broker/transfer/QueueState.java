package dev.tally.broker.transfer;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** How far the copy of one queue is. Thread-safe: written by who copies, read by who saves. */
final class QueueState {

    private final Key key;
    private final String targetTopic;
    private final int targetQueue;
    private final long begin;
    private long next;
    private long copied;
    private long missing;
    private final OffsetMap offsets;

    /**
     * A queue of the source.
     *
     * @param broker the broker's name
     * @param topic the topic
     * @param queue the queue
     */
    record Key(String broker, String topic, int queue) {}

    /**
     * @param begin the first offset that is to be copied
     * @param targetBegin the target queue's end before anything was copied
     */
    QueueState(Key key, String targetTopic, int targetQueue, long begin, long targetBegin) {
        this.key = key;
        this.targetTopic = targetTopic;
        this.targetQueue = targetQueue;
        this.begin = begin;
        this.next = begin;
        this.offsets = new OffsetMap(targetBegin);
    }

    private QueueState(JsonNode json) {
        key = new Key(
                json.required("broker").asString(),
                json.required("topic").asString(),
                json.required("queue").asInt());
        targetTopic = json.required("targetTopic").asString();
        targetQueue = json.required("targetQueue").asInt();
        begin = json.required("begin").asLong();
        next = json.required("next").asLong();
        copied = json.required("copied").asLong();
        missing = json.required("missing").asLong();
        List<OffsetMap.Run> runs = new ArrayList<>();
        json.required("runs")
                .forEach(run -> runs.add(new OffsetMap.Run(
                        run.required(0).asLong(),
                        run.required(1).asLong(),
                        run.required(2).asLong())));
        offsets = new OffsetMap(
                json.required("targetBegin").asLong(),
                json.required("targetEnd").asLong(),
                runs);
    }

    static QueueState from(JsonNode json) {
        return new QueueState(json);
    }

    synchronized Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("broker", key.broker);
        json.put("topic", key.topic);
        json.put("queue", key.queue);
        json.put("targetTopic", targetTopic);
        json.put("targetQueue", targetQueue);
        json.put("begin", begin);
        json.put("next", next);
        json.put("copied", copied);
        json.put("missing", missing);
        json.put("targetBegin", offsets.targetBegin());
        json.put("targetEnd", offsets.targetEnd());
        json.put(
                "runs",
                offsets.runs().stream()
                        .map(run -> List.of(run.from(), run.to(), run.length()))
                        .toList());
        return json;
    }

    /** Notes what the target confirmed: these messages, from this offset on. */
    synchronized void copied(List<Copied> messages, long to) {
        long target = to;
        for (Copied message : messages) {
            missing += message.offset() - next;
            offsets.add(message.offset(), target++, 1);
            copied++;
            next = message.offset() + 1;
        }
    }

    /** Notes that the source has nothing before an offset any more. */
    synchronized void skipTo(long offset) {
        missing += offset - next;
        next = offset;
    }

    Key key() {
        return key;
    }

    String targetTopic() {
        return targetTopic;
    }

    int targetQueue() {
        return targetQueue;
    }

    long begin() {
        return begin;
    }

    synchronized long next() {
        return next;
    }

    synchronized long copied() {
        return copied;
    }

    synchronized long missing() {
        return missing;
    }

    long targetBegin() {
        return offsets.targetBegin();
    }

    synchronized long targetEnd() {
        return offsets.targetEnd();
    }

    synchronized long targetOf(long offset) {
        return offsets.targetOf(offset);
    }

    synchronized List<OffsetMap.Run> runs() {
        return offsets.runs();
    }

    /** For people. */
    @Override
    public String toString() {
        return "topic " + key.topic + " queue " + key.queue + " of broker " + key.broker;
    }
}
