package dev.tally.outbox.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LaneSharesTest {

    private final List<String> lanes = new LaneNames(32).all();

    @Test
    void everyNodeHasItsFairShareWhateverTheOrderInWhichNodesAreSeen() {
        for (int count = 1; count <= 40; count++) {
            List<String> nodes = nodes(count);
            Map<String, String> shares = LaneShares.of(lanes, nodes);
            assertThat(shares).containsOnlyKeys(lanes);
            Map<String, Integer> loads = new HashMap<>();
            shares.values().forEach(node -> loads.merge(node, 1, Integer::sum));
            assertThat(loads.values()).allMatch(load -> load <= (32 + nodes.size() - 1) / nodes.size());
            Collections.shuffle(nodes, new Random(1));
            assertThat(LaneShares.of(lanes, nodes)).isEqualTo(shares);
        }
    }

    @Test
    void fewLanesMoveWhenANodeComes() {
        int moved = 0;
        for (int count = 2; count < 8; count++) {
            Map<String, String> before = LaneShares.of(lanes, nodes(count));
            Map<String, String> after = LaneShares.of(lanes, nodes(count + 1));
            moved += (int) lanes.stream()
                    .filter(lane -> !before.get(lane).equals(after.get(lane)))
                    .count();
        }
        assertThat(moved)
                .as("of 192, where dealing them out in turns would move most")
                .isLessThan(96);
    }

    @Test
    void nobodyKeepsALaneWhereNobodyIs() {
        assertThat(LaneShares.of(lanes, Set.of())).isEmpty();
    }

    /** The rows in the table were placed by it: it must never change. */
    @Test
    void aKeyIsInTheSameLaneForEverAndKeysAreSpread() {
        LaneNames names = new LaneNames(32);
        assertThat(List.of(names.of(""), names.of("order-1"), names.of("order-2"), names.of("ключ")))
                .containsExactly("#0", "#11", "#31", "#7");
        Map<String, Integer> keys = new HashMap<>();
        for (int i = 0; i < 32_000; i++) {
            keys.merge(names.of("order-" + i), 1, Integer::sum);
        }
        assertThat(keys).containsOnlyKeys(lanes);
        assertThat(keys.values()).allMatch(count -> count > 700 && count < 1300);
    }

    private static List<String> nodes(int count) {
        List<String> nodes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            nodes.add("node-" + i * 7919);
        }
        return nodes;
    }
}
