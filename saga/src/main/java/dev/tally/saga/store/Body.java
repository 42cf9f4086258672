package dev.tally.saga.store;

import java.util.Objects;

/**
 * An encoded payload. Immutable by agreement: the bytes are not copied.
 *
 * @since 0.1
 */
public final class Body {

    private final String type;
    private final byte[] bytes;

    /**
     * Keeps a payload.
     *
     * @param type the logical name of its type
     * @param bytes what a codec made of it
     */
    public Body(String type, byte[] bytes) {
        this.type = Objects.requireNonNull(type, "type");
        this.bytes = Objects.requireNonNull(bytes, "bytes");
    }

    /** The logical name of its type. */
    public String type() {
        return type;
    }

    /** What a codec made of it; not to be changed. */
    public byte[] bytes() {
        return bytes;
    }

    @Override
    public String toString() {
        return "Body[type=" + type + ", bytes=" + bytes.length + "]";
    }
}
