package dev.tally.broker.store;

/**
 * Counters of a store. Most are derived from the log and so survive a restart.
 *
 * @param messages messages that became visible
 * @param halves half messages prepared
 * @param committedByProducer half messages committed by their producer
 * @param committedByCheckBack half messages committed by the answer to a check-back
 * @param rolledBackByProducer half messages rolled back by their producer
 * @param rolledBackByCheckBack half messages rolled back by the answer to a check-back
 * @param decidedByOperator half messages decided by a person
 * @param undecided half messages in state PREPARED
 * @param parked half messages in state PARKED
 * @param scheduled delayed messages not yet due
 * @param logBytes bytes of the log from its start to its end
 * @param logStart the log position of its first record: what stood before was removed
 * @param snapshotPosition the log position from which the next start has to read, 0 without a snapshot
 * @param snapshotFailures snapshots that could not be taken since the start
 * @param pinnedBytes bytes of expired log segments that stay because of what is still needed in them
 * @param copiedMessages messages copied forward since the start, out of segments that were removed
 * @param checksDelivered check-back requests delivered since the start
 * @param conflicts decisions refused since the start because the opposite stood
 */
public record StoreStats(
        long messages,
        long halves,
        long committedByProducer,
        long committedByCheckBack,
        long rolledBackByProducer,
        long rolledBackByCheckBack,
        long decidedByOperator,
        long undecided,
        long parked,
        long scheduled,
        long logBytes,
        long logStart,
        long snapshotPosition,
        long snapshotFailures,
        long pinnedBytes,
        long copiedMessages,
        long checksDelivered,
        long conflicts) {}
