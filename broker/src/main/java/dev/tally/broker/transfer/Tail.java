package dev.tally.broker.transfer;

import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.ResponseCode;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Reads a queue message by message. Not thread-safe. */
final class Tail {

    private static final int MOST_STALLS = 50;

    private final Node node;
    private final String topic;
    private final int queue;
    private final Deque<Copied> read = new ArrayDeque<>();
    private long next;

    Tail(Node node, String topic, int queue, long from) {
        this.node = node;
        this.topic = topic;
        this.queue = queue;
        this.next = from;
    }

    /** The next message before an offset, {@code null} where there is none now. */
    @Nullable Copied next(long before) throws IOException {
        for (int stalls = 0; read.isEmpty() && next < before && stalls < MOST_STALLS; stalls++) {
            Command answer = node.await(node.pull(topic, queue, next));
            if (answer.code() == ResponseCode.SUCCESS) {
                Copied.listFrom(answer.body()).stream()
                        .filter(message -> message.offset() >= next)
                        .forEach(read::add);
            } else if (answer.code() == ResponseCode.PULL_NOT_FOUND) {
                return null;
            } else if (answer.code() == ResponseCode.PULL_RETRY_IMMEDIATELY
                    || answer.code() == ResponseCode.PULL_OFFSET_MOVED) {
                next = Math.max(next, answer.fields().longNumber("nextBeginOffset", next));
            } else {
                throw new RefusedException(
                        "Reading offset " + next + " of topic " + topic + " queue " + queue,
                        node.address(),
                        answer.code(),
                        answer.remark());
            }
        }
        Copied first = read.peek();
        if (first == null || first.offset() >= before) {
            return null;
        }
        next = first.offset() + 1;
        return read.remove();
    }
}
