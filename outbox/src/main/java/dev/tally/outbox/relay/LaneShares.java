package dev.tally.outbox.relay;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Which node should keep which lane. Every node that sees the same nodes finds the same answer: each lane goes to the node
 * that it is drawn to most, unless that one has its fair share already. So few lanes move when nodes come and go.
 */
final class LaneShares {

    private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

    private LaneShares() {}

    /** The keeper of each lane; empty without nodes. */
    static Map<String, String> of(List<String> lanes, Collection<String> nodes) {
        Map<String, String> keepers = new HashMap<>();
        if (nodes.isEmpty()) {
            return keepers;
        }
        TreeSet<String> ordered = new TreeSet<>(nodes);
        int share = (lanes.size() + ordered.size() - 1) / ordered.size();
        Map<String, Integer> loads = new HashMap<>();
        for (String lane : lanes) {
            String best = null;
            long bestPull = 0;
            for (String node : ordered) {
                long pull = pull(lane, node);
                if (loads.getOrDefault(node, 0) < share && (best == null || pull > bestPull)) {
                    best = node;
                    bestPull = pull;
                }
            }
            if (best != null) {
                keepers.put(lane, best);
                loads.merge(best, 1, Integer::sum);
            }
        }
        return keepers;
    }

    private static long pull(String lane, String node) {
        long mixed = (((long) lane.hashCode() << Integer.SIZE) ^ node.hashCode()) * MULTIPLIER;
        mixed = (mixed ^ (mixed >>> 29)) * MULTIPLIER;
        return mixed ^ (mixed >>> 32);
    }
}
