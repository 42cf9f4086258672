package dev.tally.broker.queue;

import java.nio.ByteBuffer;
import java.nio.LongBuffer;

/**
 * A verified piece of a queue: its messages from {@link #first} on and before {@link #end}. An offset may be empty, where
 * retention removed its message or its record could not be read.
 *
 * <p><b>Thread-safety.</b> Immutable for the reader: later messages are not part of it.
 *
 * @since 0.1
 */
public final class QueuePage {

    private final LongBuffer fields;
    private final long base;
    private final long first;
    private final long end;

    private QueuePage(LongBuffer fields, long base, long first, long end) {
        this.fields = fields;
        this.base = base;
        this.first = first;
        this.end = end;
    }

    static QueuePage of(long[] fields, long base, long first, long end) {
        return new QueuePage(LongBuffer.wrap(fields), base, first, end);
    }

    static QueuePage of(ByteBuffer page, long base, long first, long end) {
        LongBuffer fields =
                page.slice(PageFormat.HEADER, page.limit() - PageFormat.HEADER).asLongBuffer();
        return new QueuePage(fields, base, first, end);
    }

    /** The first offset of the piece. */
    public long first() {
        return first;
    }

    /** The offset behind the piece. */
    public long end() {
        return end;
    }

    /** Whether nothing is at an offset of the piece. */
    public boolean isEmpty(long offset) {
        return position(offset) == 0;
    }

    /** The position of the record that holds the payload. */
    public long position(long offset) {
        return field(offset, 0);
    }

    /** The position of the record that made it visible; ascending with the offset. */
    public long visibleBy(long offset) {
        return field(offset, 1);
    }

    /** The hash of its tag. */
    public long tagsHash(long offset) {
        return field(offset, 2);
    }

    /** The size of its payload in bytes. */
    public int payloadBytes(long offset) {
        return (int) field(offset, 3);
    }

    private long field(long offset, int field) {
        if (offset < first || offset >= end) {
            throw new IndexOutOfBoundsException(
                    "Offset " + offset + " is not in the piece from " + first + " to before " + end);
        }
        int at = (int) (offset - base) * PageFormat.FIELDS + field;
        // A page that is not full has no room yet for the slots behind its last message.
        return at < fields.limit() ? fields.get(at) : 0;
    }
}
