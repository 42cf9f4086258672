package dev.tally.message;

/**
 * Turns payloads into bytes and back. Implementations are thread-safe.
 *
 * @since 0.1
 */
public interface PayloadCodec {

    /** The media type of what {@link #encode} returns, for {@link Headers#CONTENT_TYPE}. */
    default String contentType() {
        return "application/octet-stream";
    }

    /**
     * Encodes {@code payload}.
     *
     * @throws PayloadUnwritableException if it cannot be encoded
     */
    byte[] encode(Object payload);

    /**
     * Decodes {@code payload} as {@code type}.
     *
     * @throws PayloadUnreadableException if the bytes are not a {@code type}; trying again will not help
     */
    <T> T decode(byte[] payload, Class<T> type);
}
