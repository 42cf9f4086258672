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

    /**
     * Reads the body.
     *
     * @param most how many offsets all together may name; a few bytes can name many, so that is refused while they are read
     */
    public static List<BatchAck> from(ByteBuffer body, int most) {
        List<BatchAck> acks = new ArrayList<>();
        int named = 0;
        for (JsonNode node : JsonBody.readObject(body, WHAT).path("acks")) {
            BatchAck ack = of(node);
            named += ack.offsets.size();
            if (named > most) {
                throw new MalformedCommandException("A " + WHAT + " names more than " + most + " messages");
            }
            acks.add(ack);
        }
        return acks;
    }

    private static BatchAck of(JsonNode ack) {
        long first = number(ack, "so", "startOffset");
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
                Math.toIntExact(Math.max(-1, Math.min(Integer.MAX_VALUE, number(ack, "q", "queueId")))),
                number(ack, "pt", "popTime"),
                number(ack, "rq", "reviveQueueId") == ReceiptHandle.ORDERED,
                offsets);
    }

    private static JsonNode either(JsonNode ack, String brief, String whole) {
        JsonNode node = ack.path(brief);
        return node.isMissingNode() ? ack.path(whole) : node;
    }

    /** A number that is absent is 0; one that no long can hold must not become another message's. */
    private static long number(JsonNode ack, String brief, String whole) {
        JsonNode node = either(ack, brief, whole);
        if (node.isMissingNode() || node.isNull()) {
            return 0;
        }
        if (!node.isIntegralNumber() || !node.canConvertToLong()) {
            throw new MalformedCommandException("'" + whole + "' of a " + WHAT + " is no number");
        }
        return node.asLong(0);
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
