package dev.tally.broker.faults;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.rocketmq.common.message.Message;

/** Messages that can be told apart and whose whole body follows from their id, so that an altered one is noticed. */
final class Numbered {

    private static final int MAX_PADDING = 700;

    private Numbered() {}

    static Message message(String topic, String id) {
        return new Message(topic, "t", body(id));
    }

    private static byte[] body(String id) {
        byte[] start = (id + "|").getBytes(StandardCharsets.UTF_8);
        byte[] body = Arrays.copyOf(start, start.length + Math.floorMod(id.hashCode(), MAX_PADDING));
        for (int i = start.length; i < body.length; i++) {
            body[i] = (byte) ('a' + (i + id.length()) % 26);
        }
        return body;
    }

    /** The id of a message, or something that is nobody's id where the body is not what was sent. */
    static String idOf(Message message) {
        String text = new String(message.getBody(), StandardCharsets.UTF_8);
        String id = text.substring(0, Math.max(0, text.indexOf('|')));
        return Arrays.equals(body(id), message.getBody()) ? id : "altered: " + text;
    }
}
