package dev.tally.broker.transfer;

import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.MessageProperties;
import dev.tally.broker.protocol.SystemTopics;
import dev.tally.broker.topic.GroupTopics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What goes to the target as one request: one message, or neighbours that share what a batch says once.
 *
 * @param messages in their order, at least one
 */
record Outgoing(List<Copied> messages) {

    private static final int MOST_IN_BATCH = 256;
    private static final int MOST_BATCH_BYTES = 256 * 1024;
    private static final int ENTRY_BYTES = 22;

    /**
     * Divides messages into requests.
     *
     * @param topic where they go; the topics of groups take no batches
     * @param bornTolerance how many milliseconds apart messages of one batch may be born, which gives them one born time
     * @param mostBodyBytes the longest body that the target takes
     */
    static List<Outgoing> divide(List<Copied> messages, String topic, long bornTolerance, int mostBodyBytes) {
        long mostBytes = Math.min(MOST_BATCH_BYTES, mostBodyBytes);
        boolean single = GroupTopics.isOfGroup(topic);
        List<Outgoing> requests = new ArrayList<>();
        List<Copied> open = new ArrayList<>();
        long bytes = 0;
        for (Copied message : messages) {
            long more = message.message().body().remaining()
                    + (long) message.message().properties().text().length() * 3
                    + ENTRY_BYTES;
            boolean joins = !open.isEmpty()
                    && !single
                    && open.size() < MOST_IN_BATCH
                    && bytes + more <= mostBytes
                    && sharesWith(open.get(0), message, bornTolerance);
            if (!joins && !open.isEmpty()) {
                requests.add(new Outgoing(List.copyOf(open)));
                open.clear();
                bytes = 0;
            }
            open.add(message);
            bytes += more;
        }
        if (!open.isEmpty()) {
            requests.add(new Outgoing(List.copyOf(open)));
        }
        return requests;
    }

    private static boolean sharesWith(Copied first, Copied next, long bornTolerance) {
        return first.sysFlag() == next.sysFlag()
                && first.message().reconsumeTimes() == next.message().reconsumeTimes()
                && Math.abs(next.message().bornAtMillis() - first.message().bornAtMillis()) <= bornTolerance;
    }

    int size() {
        return messages.size();
    }

    Copied first() {
        return messages.get(0);
    }

    /** Behind the last message at the source. */
    long nextOffset() {
        return messages.get(messages.size() - 1).offset() + 1;
    }

    int bodyBytes() {
        return messages.stream()
                .mapToInt(message -> message.message().body().remaining())
                .sum();
    }

    List<Outgoing> oneByOne() {
        return messages.stream().map(one -> new Outgoing(List.of(one))).toList();
    }

    Fields fields(String topic, int queue) {
        boolean batch = size() > 1;
        Copied first = first();
        return Fields.of(
                "a",
                Node.GROUP,
                "b",
                topic,
                "c",
                SystemTopics.TEMPLATE,
                "d",
                1,
                "e",
                queue,
                "f",
                first.sysFlag(),
                "g",
                first.message().bornAtMillis(),
                "h",
                batch ? 0 : first.message().flag(),
                "i",
                batch ? "" : MessageProperties.of(first.properties()).text(),
                "j",
                first.message().reconsumeTimes(),
                "k",
                false,
                "l",
                // A message of a retry topic stays one: whether its tries are used up is decided when it fails again.
                GroupTopics.isRetry(topic) ? Integer.MAX_VALUE : null,
                "m",
                batch);
    }

    ByteBuffer body() {
        if (size() == 1) {
            return first().message().body().duplicate();
        }
        List<byte[]> properties = messages.stream()
                .map(one -> MessageProperties.of(one.properties()).text().getBytes(StandardCharsets.UTF_8))
                .toList();
        int size = bodyBytes()
                + ENTRY_BYTES * size()
                + properties.stream().mapToInt(bytes -> bytes.length).sum();
        ByteBuffer out = ByteBuffer.allocate(size);
        for (int i = 0; i < size(); i++) {
            Copied one = messages.get(i);
            ByteBuffer body = one.message().body().duplicate();
            out.putInt(ENTRY_BYTES + body.remaining() + properties.get(i).length);
            // Magic and check sum, which a batch does not use.
            out.putInt(0).putInt(0);
            out.putInt(one.message().flag()).putInt(body.remaining()).put(body);
            out.putShort((short) properties.get(i).length).put(properties.get(i));
        }
        return out.flip();
    }
}
