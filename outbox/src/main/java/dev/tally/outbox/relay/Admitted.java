package dev.tally.outbox.relay;

/**
 * What of a transaction is in memory.
 *
 * @param ticket see {@link SpilledKeys}; 0 where everything with a key is in memory
 */
record Admitted(boolean keyed, boolean unkeyed, long ticket) {}
