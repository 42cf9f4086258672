package dev.tally.broker.snapshot;

import dev.tally.broker.env.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Writes the values of a snapshot, big-endian, through a small buffer. Belongs to one thread.
 *
 * @since 0.1
 */
public final class SnapshotOutput {

    private static final int BUFFER = 256 * 1024;

    /** One mapping has to cover the file when it is read. */
    private static final long MAX_BYTES = Integer.MAX_VALUE;

    private final DiskFile file;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    private final CRC32C crc = new CRC32C();
    private final Map<String, Integer> names = new HashMap<>();
    private long written;

    SnapshotOutput(DiskFile file) {
        this.file = file;
    }

    /** Writes 8 bytes. */
    public void putLong(long value) throws IOException {
        reserve(Long.BYTES);
        buffer.putLong(value);
    }

    /** Writes 4 bytes. */
    public void putInt(int value) throws IOException {
        reserve(Integer.BYTES);
        buffer.putInt(value);
    }

    /** Writes 1 byte. */
    public void putByte(int value) throws IOException {
        reserve(1);
        buffer.put((byte) value);
    }

    /** Writes a name; every further time it takes 4 bytes. */
    public void putName(String name) throws IOException {
        Integer known = names.get(name);
        if (known != null) {
            putInt(known);
            return;
        }
        putInt(names.size());
        names.put(name, names.size());
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        putInt(bytes.length);
        for (byte b : bytes) {
            putByte(b);
        }
    }

    private void reserve(int bytes) throws IOException {
        if (buffer.remaining() < bytes) {
            flush();
        }
    }

    private void flush() throws IOException {
        buffer.flip();
        crc.update(buffer.duplicate());
        if (written + buffer.remaining() > MAX_BYTES) {
            throw new IOException("The snapshot would have more than " + MAX_BYTES + " bytes");
        }
        int bytes = buffer.remaining();
        file.write(written, buffer);
        written += bytes;
        buffer.clear();
    }

    /** Writes the checksum behind everything else and returns the file's size in bytes. */
    public long finish() throws IOException {
        flush();
        buffer.putInt((int) crc.getValue()).flip();
        file.write(written, buffer);
        return written + Integer.BYTES;
    }
}
