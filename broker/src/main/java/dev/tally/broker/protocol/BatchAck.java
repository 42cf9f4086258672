package dev.tally.broker.protocol;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.BitSet;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * Acknowledgements of one pop and queue in a body with many. Offsets are bits, from the pop's first offset on.
 *
 * @param group who consumes
 * @param topic the topic that was popped
 * @param retry the mark of {@link ReceiptHandle}
 * @param queueId the queue
 * @param popMillis what identifies the pop
 * @param ordered whether it was a pop in order
 * @param offsets the offsets
 * @since 0.1
 */
public record BatchAck(
        String group, String topic, String retry, int queueId, long popMillis, boolean ordered, List<Long> offsets) {

    private static final String WHAT = "batch acknowledgement";

    /** A pop brings 32 messages of a queue at most; a client may merge a few. */
    private static final int MOST_OFFSETS = 4096;

    /** Reads the body. */
    public static List<BatchAck> from(ByteBuffer body) {
        List<BatchAck> acks = new ArrayList<>();
        for (JsonNode ack : JsonBody.readObject(body, WHAT).path("acks")) {
            acks.add(of(ack));
        }
        return acks;
    }

    private static BatchAck of(JsonNode ack) {
        long first = either(ack, "so", "startOffset").asLong(0);
        List<Long> offsets = new ArrayList<>();
        bits(either(ack, "b", "bitSet")).stream().limit(MOST_OFFSETS + 1L).forEach(bit -> offsets.add(first + bit));
        if (offsets.size() > MOST_OFFSETS) {
            throw new MalformedCommandException(
                    "A " + WHAT + " names more than " + MOST_OFFSETS + " messages of a queue");
        }
        return new BatchAck(
                required(ack, "c", "consumerGroup"),
                required(ack, "t", "topic"),
                either(ack, "r", "retry").asString(ReceiptHandle.PLAIN),
                either(ack, "q", "queueId").asInt(0),
                either(ack, "pt", "popTime").asLong(0),
                either(ack, "rq", "reviveQueueId").asInt(0) == ReceiptHandle.ORDERED,
                offsets);
    }

    private static JsonNode either(JsonNode ack, String brief, String whole) {
        JsonNode node = ack.path(brief);
        return node.isMissingNode() ? ack.path(whole) : node;
    }

    private static String required(JsonNode ack, String brief, String whole) {
        return JsonBody.requiredText(ack, ack.path(brief).isMissingNode() ? whole : brief, WHAT);
    }

    /** Bytes, as clients' libraries write them: Base64, or numbers. */
    private static BitSet bits(JsonNode node) {
        if (!node.isArray()) {
            try {
                return BitSet.valueOf(Base64.getDecoder().decode(node.asString("")));
            } catch (IllegalArgumentException e) {
                throw new MalformedCommandException("The offsets of a " + WHAT + " are no Base64", e);
            }
        }
        byte[] bytes = new byte[node.size()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) node.get(i).asInt(0);
        }
        return BitSet.valueOf(bytes);
    }
}
