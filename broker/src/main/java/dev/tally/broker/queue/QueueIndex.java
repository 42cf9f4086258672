package dev.tally.broker.queue;

import java.util.Arrays;

/**
 * The visible messages of one queue in the order of their offsets: 32 bytes a message, in chunks that are never moved
 * once they are full.
 *
 * <p><b>Thread-safety.</b> One thread appends; any thread reads what {@link #size()} told it.
 *
 * @since 0.1
 */
public final class QueueIndex {

    private static final int CHUNK_SHIFT = 12;
    private static final int CHUNK = 1 << CHUNK_SHIFT;
    private static final int FIRST_CHUNK = 16;
    private static final int FIELDS = 4;

    private final String topic;
    private final int queueId;
    private volatile long[][] chunks = {new long[FIRST_CHUNK * FIELDS]};
    private volatile long size;
    private long planned;

    QueueIndex(String topic, int queueId) {
        this.topic = topic;
        this.queueId = queueId;
    }

    /** The queue's topic. */
    public String topic() {
        return topic;
    }

    /** The queue's number in its topic. */
    public int queueId() {
        return queueId;
    }

    /** The offset that the next message will get. */
    public long size() {
        return size;
    }

    /** The offset of the first message that is still there. */
    public long first() {
        return 0;
    }

    /** Assigns the next offset to a record that is about to be written. Called by the log's writer, as is {@link #put}. */
    public long planNext() {
        return planned++;
    }

    /** Gives back the offset that was assigned last: its record is not written. */
    public void unplan() {
        planned--;
    }

    /**
     * Makes a message visible.
     *
     * @param offset its offset, as its record has it
     * @param visibleBy the position of the record that made it visible: its own, its decision's or its timer's
     */
    public void put(long offset, MessageRef message, long visibleBy) {
        if (offset != size) {
            throw new IllegalStateException(
                    "Queue " + queueId + " of topic " + topic + " goes on at offset " + size + ", not at " + offset);
        }
        long[] chunk = chunkFor(offset);
        int at = (int) (offset & (CHUNK - 1)) * FIELDS;
        chunk[at] = message.position();
        chunk[at + 1] = visibleBy;
        chunk[at + 2] = message.tagsHash();
        chunk[at + 3] = message.payloadBytes();
        size = offset + 1;
        planned = Math.max(planned, offset + 1);
    }

    private long[] chunkFor(long offset) {
        int number = Math.toIntExact(offset >>> CHUNK_SHIFT);
        long[][] all = chunks;
        if (number == all.length) {
            all = Arrays.copyOf(all, number + 1);
            all[number] = new long[CHUNK * FIELDS];
            chunks = all;
        }
        int needed = ((int) (offset & (CHUNK - 1)) + 1) * FIELDS;
        if (all[number].length < needed) {
            // Only the first chunk begins small: most queues of most topics stay almost empty.
            all = all.clone();
            all[number] = Arrays.copyOf(all[number], all[number].length * 2);
            chunks = all;
        }
        return all[number];
    }

    /** The position of the record that holds the payload of the message at an offset below {@link #size()}. */
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
        return chunks[(int) (offset >>> CHUNK_SHIFT)][(int) (offset & (CHUNK - 1)) * FIELDS + field];
    }

    /** The offset of the message whose payload stands at a position, {@code -1} where it is not visible. */
    public long offsetOf(long position) {
        long end = size;
        // A message never becomes visible before its record; most do with it or soon after.
        for (long offset = firstVisibleFrom(position, end); offset < end; offset++) {
            if (position(offset) == position) {
                return offset;
            }
        }
        return -1;
    }

    private long firstVisibleFrom(long position, long end) {
        long low = 0;
        long high = end;
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (visibleBy(middle) < position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
