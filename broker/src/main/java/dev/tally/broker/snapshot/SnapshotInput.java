package dev.tally.broker.snapshot;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Reads the values of a snapshot in the order in which {@link SnapshotOutput} wrote them.
 *
 * @since 0.1
 */
public final class SnapshotInput {

    private final ByteBuffer bytes;
    private final List<String> names = new ArrayList<>();

    private SnapshotInput(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    /** Refuses bytes that are not a whole snapshot. */
    static SnapshotInput verified(ByteBuffer file) throws IOException {
        int end = file.limit() - Integer.BYTES;
        if (end < 0) {
            throw new SnapshotUnusableException("the file has only " + file.limit() + " bytes");
        }
        CRC32C crc = new CRC32C();
        crc.update(file.slice(0, end));
        if ((int) crc.getValue() != file.getInt(end)) {
            throw new SnapshotUnusableException("the checksum over its bytes is wrong");
        }
        return new SnapshotInput(file.slice(0, end));
    }

    /** Reads 8 bytes. */
    public long getLong() throws IOException {
        try {
            return bytes.getLong();
        } catch (BufferUnderflowException e) {
            throw endedEarly(e);
        }
    }

    /** Reads 4 bytes. */
    public int getInt() throws IOException {
        try {
            return bytes.getInt();
        } catch (BufferUnderflowException e) {
            throw endedEarly(e);
        }
    }

    /** Reads 1 byte. */
    public int getByte() throws IOException {
        try {
            return bytes.get();
        } catch (BufferUnderflowException e) {
            throw endedEarly(e);
        }
    }

    /** Reads a name. */
    public String getName() throws IOException {
        int number = getInt();
        if (number < names.size()) {
            return names.get(number);
        }
        byte[] text = new byte[getInt()];
        try {
            bytes.get(text);
        } catch (BufferUnderflowException e) {
            throw endedEarly(e);
        }
        String name = new String(text, StandardCharsets.UTF_8);
        names.add(name);
        return name;
    }

    int remaining() {
        return bytes.remaining();
    }

    private static SnapshotUnusableException endedEarly(BufferUnderflowException e) {
        return new SnapshotUnusableException("it ends before all was read", e);
    }
}
