package dev.tally.message;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The identity of a message from publishing to every consumer's inbox.
 *
 * @param value 1 to 64 characters, unique for ever
 * @since 0.1
 */
public record MessageId(String value) {

    /** The longest id that every store has room for, in characters. */
    public static final int MAX_LENGTH = 64;

    public MessageId {
        if (!isPossible(value)) {
            throw new IllegalArgumentException("Cannot create a message id from '" + value + "': it has "
                    + value.length() + " characters, between 1 and " + MAX_LENGTH + " are possible");
        }
    }

    /**
     * The id of a message that another producer named in its own way: that name where it fits, else its SHA-256 as 64
     * hexadecimal digits, so that one name has one id at each delivery.
     *
     * @param name of any length, for instance a topic, a partition and an offset
     */
    public static MessageId ofForeign(String name) {
        return isPossible(name) ? new MessageId(name) : new MessageId(digest(name));
    }

    /** Whether {@code value} can be an id as it is. */
    public static boolean isPossible(String value) {
        return !value.isBlank() && value.length() <= MAX_LENGTH;
    }

    private static String digest(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
