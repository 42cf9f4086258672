package dev.tally.broker.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Bytes that a header is written into, used again for the next. Not thread-safe.
 *
 * @since 0.1
 */
public final class HeaderBuffer {

    private static final int FIRST_BYTES = 512;
    private static final int KEPT_BYTES = 64 * 1024;

    private byte[] bytes = new byte[FIRST_BYTES];
    private int size;

    /** An empty buffer. */
    public HeaderBuffer() {}

    /** The bytes; only those below {@link #size()} count. Not to be kept. */
    public byte[] array() {
        return bytes;
    }

    /** How many bytes were written. */
    public int size() {
        return size;
    }

    void clear() {
        size = 0;
        if (bytes.length > KEPT_BYTES) {
            bytes = new byte[FIRST_BYTES];
        }
    }

    /** Takes the next bytes of a buffer in, from the start on. */
    void load(ByteBuffer source, int length) {
        clear();
        ensure(length);
        source.get(bytes, 0, length);
        size = length;
    }

    void u8(int value) {
        ensure(1);
        bytes[size++] = (byte) value;
    }

    void u16(int value) {
        ensure(Short.BYTES);
        bytes[size++] = (byte) (value >>> 8);
        bytes[size++] = (byte) value;
    }

    void u32(int value) {
        ensure(Integer.BYTES);
        size += Integer.BYTES;
        u32At(size - Integer.BYTES, value);
    }

    void u32At(int at, int value) {
        bytes[at] = (byte) (value >>> 24);
        bytes[at + 1] = (byte) (value >>> 16);
        bytes[at + 2] = (byte) (value >>> 8);
        bytes[at + 3] = (byte) value;
    }

    void u16At(int at, int value) {
        bytes[at] = (byte) (value >>> 8);
        bytes[at + 1] = (byte) value;
    }

    /** Writes text as UTF-8. */
    void text(String text) {
        int length = text.length();
        ensure(length);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                byte[] rest = text.substring(i).getBytes(StandardCharsets.UTF_8);
                ensure(rest.length);
                System.arraycopy(rest, 0, bytes, size, rest.length);
                size += rest.length;
                return;
            }
            bytes[size++] = (byte) c;
        }
    }

    private void ensure(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
        }
    }
}
