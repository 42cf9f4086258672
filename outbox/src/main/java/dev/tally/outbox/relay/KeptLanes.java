package dev.tally.outbox.relay;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The lanes that this node keeps, by name. Guarded by {@link Lanes}. */
final class KeptLanes {

    private final Map<String, KeptLane> byName = new HashMap<>();

    /** Keeps a lane from now on, as one of which nothing is known. */
    void put(String name, long epoch) {
        byName.put(name, new KeptLane(epoch));
    }

    @Nullable KeptLane get(@Nullable String name) {
        return byName.get(name);
    }

    boolean isKept(String name, long epoch) {
        KeptLane lane = byName.get(name);
        return lane != null && lane.epoch() == epoch;
    }

    /** An entry goes to the broker. */
    void handedOut(@Nullable String name) {
        KeptLane lane = byName.get(name);
        if (lane != null) {
            lane.handedOut();
        }
    }

    boolean remove(String name) {
        return byName.remove(name) != null;
    }

    void clear() {
        byName.clear();
    }

    Map<String, Long> epochs() {
        return byName.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, lane -> lane.getValue()
                .epoch()));
    }

    /** Those of some names that are not about to be given away. */
    Map<String, KeptLane> staying(Predicate<String> names) {
        return byName.entrySet().stream()
                .filter(lane -> !lane.getValue().isLeaving() && names.test(lane.getKey()))
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** Whether entries under this name may be sent: of nobody's lane, or of one that is kept and stays. */
    boolean maySend(@Nullable String name) {
        if (name == null) {
            return true;
        }
        KeptLane lane = byName.get(name);
        return lane != null && !lane.isLeaving();
    }

    /** Whether a read was of all that is kept now, and is what it was. */
    boolean isAllOf(LaneRead read) {
        return byName.equals(read.lanes());
    }

    /** Whether a lane is what it was when the read began. */
    boolean isSameAsIn(LaneRead read, @Nullable String name) {
        return name != null && byName.get(name) == read.lanes().get(name);
    }
}
