package dev.tally.message;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Makes ids of what others call their messages.
 *
 * @since 0.1
 */
public final class MessageIds {

    private MessageIds() {}

    /**
     * The id for a text of any length: the text itself where it can be one, else a digest of it (SHA-256, 64 characters).
     *
     * @throws IllegalArgumentException if it is blank
     */
    public static MessageId of(String text) {
        boolean plain = text.length() <= MessageId.MAX_LENGTH && text.chars().noneMatch(Character::isISOControl);
        return plain || text.isBlank() ? new MessageId(text) : new MessageId(digest(text));
    }

    /** SHA-256 of {@code text}, as 64 hexadecimal digits. */
    public static String digest(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
