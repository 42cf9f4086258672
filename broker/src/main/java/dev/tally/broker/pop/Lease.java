package dev.tally.broker.pop;

/** A message that was handed out. Belongs to the table's lock. */
final class Lease {

    /** What is about to be written of a lease. */
    enum Planned {
        NOTHING,
        ACK,
        OTHER
    }

    final PopQueue queue;
    final long offset;
    long popMillis;
    long invisibleMillis;
    int redelivered;
    long dueNanos;

    /** Its place in the heap of what ends, -1 where it is in none. */
    int place = -1;

    Planned planned = Planned.NOTHING;

    Lease(PopQueue queue, LeaseEntry entry) {
        this.queue = queue;
        this.offset = entry.offset();
        this.popMillis = entry.popMillis();
        this.invisibleMillis = entry.invisibleMillis();
        this.redelivered = entry.redelivered();
    }

    LeaseEntry entry() {
        return new LeaseEntry(offset, popMillis, invisibleMillis, redelivered);
    }
}
