package dev.tally.broker.pop;

import java.util.List;

/**
 * What a group has of a queue, in plain values that records and snapshots can keep: all of it, or a range of offsets.
 *
 * @param key the group and the queue
 * @param from the range's first offset
 * @param to the offset behind the range
 * @param next the first offset that was not handed out yet
 * @param ordered whether the group pops the queue in order
 * @param attemptId what the last ordered pop called itself, empty for nothing
 * @param leases what is handed out of the range, by offset
 * @since 0.1
 */
public record PopQueueEntry(
        PopKey key, long from, long to, long next, boolean ordered, String attemptId, List<LeaseEntry> leases) {}
