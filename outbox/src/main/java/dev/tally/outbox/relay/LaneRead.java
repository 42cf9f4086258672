package dev.tally.outbox.relay;

import dev.tally.outbox.BlockedKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A read of lanes that has begun.
 *
 * @param number counts on
 * @param lanes what was kept then: of a lane that was given away and came back since, the rows are not taken
 * @param freed keys of these lanes that were blocked and are free, by the owner under which their rows have waited: their
 *     rows are read together with those of the lanes
 * @param limit how many ids to list
 * @param room how many rows to take
 * @param decidedBelow the transactions of this node with lower tickets were decided then, see {@link SpilledKeys}
 */
record LaneRead(
        long number,
        Map<String, KeptLane> lanes,
        Map<String, BlockedKey> freed,
        int limit,
        int room,
        long decidedBelow) {

    List<String> owners() {
        List<String> owners = new ArrayList<>(lanes.keySet());
        owners.addAll(freed.keySet());
        return owners;
    }
}
