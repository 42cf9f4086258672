package dev.tally.broker.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * What a producer is given to recall a delayed message: {@code v1 topic broker deliverAt messageId position}, in
 * URL-safe Base64. Clients read the first four words after the version; the position is this broker's own.
 *
 * @param topic the message's topic
 * @param brokerName the broker that has it
 * @param deliverAtMillis about when it becomes visible, by the broker's wall clock; for people
 * @param messageId its unique key, or its offset message id where it has none
 * @param position its log position
 * @since 0.1
 */
public record RecallHandle(String topic, String brokerName, long deliverAtMillis, String messageId, long position) {

    private static final String VERSION = "v1";
    private static final int WORDS = 6;

    /** The text on the wire. */
    public String format() {
        String words = String.join(
                " ", VERSION, topic, brokerName, Long.toString(deliverAtMillis), messageId, Long.toString(position));
        return Base64.getUrlEncoder().encodeToString(words.getBytes(StandardCharsets.UTF_8));
    }

    /** Reads a handle that this broker gave out. */
    public static RecallHandle parse(String text) {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(text);
            String[] words = new String(bytes, StandardCharsets.UTF_8).split(" ", -1);
            if (words.length != WORDS || !words[0].equals(VERSION)) {
                throw new MalformedCommandException("Not a recall handle of this broker: it has " + words.length
                        + " words; " + WORDS + " are expected, the first being " + VERSION);
            }
            return new RecallHandle(words[1], words[2], Long.parseLong(words[3]), words[4], Long.parseLong(words[5]));
        } catch (MalformedCommandException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new MalformedCommandException("Not a recall handle: it cannot be decoded", e);
        }
    }
}
