package dev.tally.transport.pulsar;

import dev.tally.transport.TransportException;

/**
 * An entry of a ledger as a number that grows from entry to entry, also from ledger to ledger: the ledger's number times
 * 2<sup>{@value #ENTRY_BITS}</sup>, and that of the entry. Good for 34 billion ledgers of a cluster, and 268 million entries
 * of each; brokers begin a new one after 50,000, or after ten minutes.
 */
final class EntryPosition {

    private static final int ENTRY_BITS = 28;
    private static final long ENTRIES = 1L << ENTRY_BITS;
    private static final long LEDGERS = 1L << (Long.SIZE - 1 - ENTRY_BITS);

    private EntryPosition() {}

    /**
     * @param entry -1 counts as the first one
     * @throws TransportException if one of the numbers is too large
     */
    static long of(long ledger, long entry) {
        if (ledger >= LEDGERS || entry >= ENTRIES) {
            throw new TransportException("entry " + ledger + ":" + entry
                    + " has no position: its ledger has to be below " + LEDGERS + " and its number below " + ENTRIES);
        }
        return Math.max(0, ledger) * ENTRIES + Math.max(0, entry);
    }

    /** The number of the ledger. */
    static long ledger(long position) {
        return position >> ENTRY_BITS;
    }

    /** The number of the entry in its ledger. */
    static long entry(long position) {
        return position & (ENTRIES - 1);
    }
}
