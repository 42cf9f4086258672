package dev.tally.broker.queue;

import java.nio.LongBuffer;
import java.util.Arrays;

/** A page that is not in a file: it is not full yet, or the disk did not take it. */
final class MemoryPage {

    private static final int FIRST_ENTRIES = 16;
    private static final int OVERHEAD = 48;

    final long number;
    private long[] fields;
    private int filled;

    MemoryPage(long number, int pageEntries) {
        this.number = number;
        this.fields = new long[Math.min(FIRST_ENTRIES, pageEntries) * PageFormat.FIELDS];
    }

    MemoryPage(long number, LongBuffer entries) {
        this.number = number;
        int slots = entries.remaining() / PageFormat.FIELDS;
        while (slots > 1 && entries.get((slots - 1) * PageFormat.FIELDS) == 0) {
            slots--;
        }
        this.fields = new long[slots * PageFormat.FIELDS];
        entries.get(0, fields);
        for (int at = 0; at < fields.length; at += PageFormat.FIELDS) {
            filled += fields[at] == 0 ? 0 : 1;
        }
    }

    long[] fields() {
        return fields;
    }

    /** What it takes in memory, about. */
    int bytes() {
        return OVERHEAD + fields.length * Long.BYTES;
    }

    /** How many slots hold a message. */
    int filled() {
        return filled;
    }

    /** The position of the message in a slot, 0 where it is empty. */
    long position(int slot) {
        int at = slot * PageFormat.FIELDS;
        return at < fields.length ? fields[at] : 0;
    }

    void set(int slot, int pageEntries, MessageRef message, long visibleBy) {
        int at = slot * PageFormat.FIELDS;
        if (at >= fields.length) {
            // A new array, not a change of the old one: readers may hold it.
            int entries = fields.length / PageFormat.FIELDS;
            while (entries <= slot) {
                entries *= 2;
            }
            fields = Arrays.copyOf(fields, Math.min(entries, pageEntries) * PageFormat.FIELDS);
        }
        filled += fields[at] == 0 ? 1 : 0;
        fields[at + 1] = visibleBy;
        fields[at + 2] = message.tagsHash();
        fields[at + 3] = message.payloadBytes();
        fields[at] = message.position();
    }
}
