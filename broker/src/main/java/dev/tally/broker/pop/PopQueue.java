package dev.tally.broker.pop;

import java.util.NavigableMap;
import java.util.TreeMap;

/** What a group has of a queue. Belongs to the table's lock. */
final class PopQueue {

    static final long NONE = -1;

    final PopKey key;
    final NavigableMap<Long, Lease> leases = new TreeMap<>();

    /** The first offset that was not handed out; {@link #NONE} while nothing is, and the group's progress tells it. */
    long next = NONE;

    boolean ordered;
    String attemptId = "";

    /** Whether a pop of the queue is under way: between its read and its record no other one reads. */
    boolean busy;

    /** Writes that set the group's progress from outside: how many are planned, and how many there were. */
    int resetsPlanned;

    int resets;
    long lastPopMillis;

    PopQueue(PopKey key) {
        this.key = key;
    }

    /** The offset before which everything is done. */
    long committed() {
        return leases.isEmpty() ? next : leases.firstKey();
    }
}
