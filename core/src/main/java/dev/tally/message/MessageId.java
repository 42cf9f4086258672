package dev.tally.message;

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
        if (value.isBlank() || value.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("Cannot create a message id from '" + value + "': it has "
                    + value.length() + " characters, between 1 and " + MAX_LENGTH + " are possible");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
