package dev.tally.broker.log;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A segment's bytes, to be read from front to back: one view of the whole file, and nothing allocated for a record that
 * is only verified. Belongs to one thread.
 */
final class SegmentScan {

    private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(64 * 1024).asReadOnlyBuffer();

    final Segment segment;
    private final Checksum checksum;
    private final ByteBuffer bytes;
    private final ByteBuffer cursor;
    private final boolean lenient;

    /** Where {@code lenient}, what the disk cannot read is taken for bytes that are not valid. */
    SegmentScan(Segment segment, Checksum checksum, boolean lenient) throws IOException {
        this.lenient = lenient;
        this.segment = segment;
        this.checksum = checksum;
        this.bytes = segment.file.read(0, (int) segment.capacity);
        this.cursor = bytes.duplicate();
    }

    /** The length with padding of the valid record at a position, {@code 0} where none is. */
    int validAt(long position) throws IOException {
        long available = segment.end() - position;
        if (position < segment.recordsStart()
                || position % RecordFormat.ALIGNMENT != 0
                || available < RecordFormat.HEADER) {
            return 0;
        }
        int at = at(position);
        try {
            return RecordFormat.validLength(bytes, cursor, at, available, checksum, position);
        } catch (InternalError e) {
            refuseUnlessLenient(position, e);
            return 0;
        }
    }

    /** Whether a record may start at a position, at a glance. */
    boolean looksLikeRecord(long position) throws IOException {
        try {
            return bytes.get(at(position) + RecordFormat.MAGIC_AT) == RecordFormat.MAGIC;
        } catch (InternalError e) {
            refuseUnlessLenient(position, e);
            return false;
        }
    }

    /** The position of the next eight bytes at or behind a position that are not all zero, the segment's end without any. */
    long nextNonZero(long from) throws IOException {
        long at = from;
        while (at < segment.end()) {
            int length = (int) Math.min(ZEROS.capacity(), segment.end() - at);
            int mismatch = firstNonZero(at, length);
            if (mismatch >= 0) {
                return at + (mismatch & -RecordFormat.ALIGNMENT);
            }
            at += length;
        }
        return segment.end();
    }

    /** The position behind the last eight bytes at or behind a position that are not all zero, {@code from} without any. */
    long nonZeroEnd(long from) throws IOException {
        for (long to = segment.end(); to > from; to = Math.max(from, to - ZEROS.capacity())) {
            long chunk = Math.max(from, to - ZEROS.capacity());
            int mismatch = firstNonZero(chunk, (int) (to - chunk));
            if (mismatch >= 0) {
                return lastNonZero(chunk + (mismatch & -RecordFormat.ALIGNMENT), to);
            }
        }
        return from;
    }

    private long lastNonZero(long atLeast, long to) {
        long at = to - Long.BYTES;
        while (at > atLeast && bytes.getLong(at(at)) == 0) {
            at -= Long.BYTES;
        }
        return at + Long.BYTES;
    }

    /** How far behind a position the first byte is that is not zero, {@code -1} without any. */
    private int firstNonZero(long position, int length) throws IOException {
        try {
            cursor.limit(at(position) + length).position(at(position));
            return cursor.mismatch(ZEROS.slice(0, length));
        } catch (InternalError e) {
            refuseUnlessLenient(position, e);
            return 0;
        }
    }

    private void refuseUnlessLenient(long position, InternalError e) throws IOException {
        if (!lenient) {
            throw segment.unreadable(position, e);
        }
    }

    byte kind(long position) {
        return bytes.get(at(position) + RecordFormat.KIND_AT);
    }

    byte version(long position) {
        return bytes.get(at(position) + RecordFormat.VERSION_AT);
    }

    boolean more(long position) {
        return (bytes.get(at(position) + RecordFormat.FLAGS_AT) & RecordFormat.MORE) != 0;
    }

    int epoch(long position) {
        return bytes.getInt(at(position) + RecordFormat.EPOCH_AT);
    }

    int checksum(long position) {
        return bytes.getInt(at(position) + RecordFormat.CRC_AT);
    }

    long sequence(long position) {
        return bytes.getLong(at(position) + RecordFormat.SEQUENCE_AT);
    }

    long timestampMillis(long position) {
        return bytes.getLong(at(position) + RecordFormat.TIMESTAMP_AT);
    }

    long forced(long position) {
        return bytes.getLong(at(position) + RecordFormat.FORCED_AT);
    }

    ByteBuffer body(long position) {
        int at = at(position);
        return bytes.slice(at + RecordFormat.HEADER, bytes.getInt(at) - RecordFormat.HEADER);
    }

    private int at(long position) {
        return (int) segment.offsetOf(position);
    }
}
