package dev.tally.message;

import java.util.Objects;

/**
 * A payload that is encoded already, to be published as it is: a reply that was stored and is sent once more. Immutable by
 * agreement: the bytes are not copied, and nobody who holds them changes them.
 *
 * @since 0.1
 */
public final class EncodedPayload {

    private final String type;
    private final byte[] bytes;

    /**
     * Creates it.
     *
     * @param type the logical name of the payload's type
     * @param bytes as the publisher's own codec encodes payloads
     */
    public EncodedPayload(String type, byte[] bytes) {
        this.type = Objects.requireNonNull(type, "type");
        this.bytes = Objects.requireNonNull(bytes, "bytes");
    }

    /** Encodes {@code payload} by {@code codec}. */
    public static EncodedPayload of(Object payload, PayloadCodec codec) {
        return new EncodedPayload(MessageTypes.nameOf(payload.getClass()), codec.encode(payload));
    }

    /** The logical name of the payload's type. */
    public String type() {
        return type;
    }

    /** The encoded payload; not to be changed. */
    public byte[] bytes() {
        return bytes;
    }

    @Override
    public String toString() {
        return "EncodedPayload[type=" + type + ", bytes=" + bytes.length + "]";
    }
}
