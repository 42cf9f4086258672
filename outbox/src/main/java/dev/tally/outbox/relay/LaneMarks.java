package dev.tally.outbox.relay;

import java.util.Map;

/**
 * Finds out what a node must know of a lane before it reads it, and at every look again: which keys are blocked. And, where
 * the drain rate is limited, up to which id its rows are backlog.
 */
final class LaneMarks {

    private final RelayParts parts;
    private final Lanes lanes;
    private final Runnable read;

    LaneMarks(RelayParts parts, Lanes lanes, Runnable read) {
        this.parts = parts;
        this.lanes = lanes;
        this.read = read;
    }

    void look() {
        // Before the database is asked: a lane that comes later may have been changed by its former keeper meanwhile.
        Map<String, Long> kept = lanes.keptLanes();
        if (kept.isEmpty()) {
            return;
        }
        if (lanes.isEndUnknown()) {
            lanes.lanesBacklogUpTo(parts.store().highestId(kept.keySet()));
        }
        if (lanes.marked(kept, parts.waiting().blockedKeys())) {
            read.run();
        }
    }
}
