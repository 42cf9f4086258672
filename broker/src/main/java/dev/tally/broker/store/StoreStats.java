package dev.tally.broker.store;

/**
 * Counters of a store. All but the last two are derived from the log and so survive a restart.
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
 * @param logBytes bytes of the log that hold records
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
        long checksDelivered,
        long conflicts) {}
