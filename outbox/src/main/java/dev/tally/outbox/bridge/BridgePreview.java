package dev.tally.outbox.bridge;

import dev.tally.message.Message;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the mapping would make of the rows that are next, each taken by itself: nothing was taken, dropped or left. Whether
 * the outbox would accept the messages was not tried, nor whether rows are held behind others of their key.
 *
 * @param bridge the bridge's name
 * @param rows rows that were looked at
 * @param deliver how many would be delivered, by topic and logical type, as {@code orders/order-placed}
 * @param drop how many would be dropped, by reason; the most frequent ones
 * @param leave how many would be left, by reason; the most frequent ones
 * @since 0.1
 */
public record BridgePreview(
        String bridge, int rows, Map<String, Long> deliver, Map<String, Long> drop, Map<String, Long> leave) {

    /** Copies the maps. */
    public BridgePreview {
        deliver = Map.copyOf(deliver);
        drop = Map.copyOf(drop);
        leave = Map.copyOf(leave);
    }

    /** Counts decisions. Not thread-safe. */
    static final class Counter {

        private final Map<String, Long> delivered = new HashMap<>();
        private final Map<String, Long> dropped = new HashMap<>();
        private final Map<String, Long> left = new HashMap<>();
        private int rows;

        void count(BridgeMapping.Decision decision) {
            rows++;
            if (decision instanceof BridgeMapping.Deliver deliver) {
                Message message = deliver.message();
                add(delivered, message.destination().topic() + "/" + message.type());
            } else if (decision instanceof BridgeMapping.Drop drop) {
                add(dropped, drop.reason());
            } else if (decision instanceof BridgeMapping.Leave leave) {
                add(left, leave.reason());
            }
        }

        private static void add(Map<String, Long> counts, String name) {
            counts.merge(name, 1L, Long::sum);
        }

        BridgePreview result(String bridge, int most) {
            return new BridgePreview(bridge, rows, delivered, mostFrequent(dropped, most), mostFrequent(left, most));
        }

        private static Map<String, Long> mostFrequent(Map<String, Long> counts, int most) {
            Map<String, Long> frequent = new LinkedHashMap<>();
            counts.entrySet().stream()
                    .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                    .limit(most)
                    .forEach(entry -> frequent.put(entry.getKey(), entry.getValue()));
            return frequent;
        }
    }
}
