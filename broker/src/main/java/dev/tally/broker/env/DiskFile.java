package dev.tally.broker.env;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * One open file.
 *
 * <p><b>Thread-safety.</b> {@link #read} may be called by any thread, also an interrupted one. {@link #write} and
 * {@link #force} belong to one thread at a time that nobody interrupts: an interrupt would close the file for everyone.
 *
 * @since 0.1
 */
public interface DiskFile extends Closeable {

    /** Its size in bytes. */
    long size() throws IOException;

    /**
     * Bytes from {@code position} on, a read-only buffer from 0 to its limit: {@code length} bytes, fewer at the end of
     * the file. The buffer stays readable after the file was closed.
     */
    ByteBuffer read(long position, int length) throws IOException;

    /** Writes all remaining bytes of the sources, in their order, from {@code position} on; returns when all are written. */
    void write(long position, ByteBuffer... sources) throws IOException;

    /**
     * Returns when everything written before is on the disk.
     *
     * @param metadata whether also the file's size; without it only the bytes
     */
    void force(boolean metadata) throws IOException;
}
