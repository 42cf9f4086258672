package dev.tally.outbox.relay;

import dev.tally.outbox.KeyLanes;
import dev.tally.outbox.OutboxStore;
import java.util.List;
import java.util.stream.IntStream;

/** Which lane a key belongs to. The same for every node, version and run: rows in the table were placed by it. */
final class LaneNames {

    private final List<String> names;

    LaneNames(int lanes) {
        this.names = IntStream.range(0, lanes)
                .mapToObj(lane -> OutboxStore.LANE_PREFIX + lane)
                .toList();
    }

    static boolean isLane(String owner) {
        return owner.startsWith(OutboxStore.LANE_PREFIX);
    }

    String of(String key) {
        return names.get(KeyLanes.indexOf(key, names.size()));
    }

    List<String> all() {
        return names;
    }
}
