package dev.tally.boot;

import dev.tally.outbox.bridge.BridgeMapping;
import dev.tally.outbox.bridge.Peer;

/**
 * Says what messages the rows of one bridge become, instead of its topics by type. Define a bean:
 *
 * <pre>{@code
 * @Bean
 * TallyBridgeMapping recordedCalls() {
 *     return TallyBridgeMapping.of("transaction-outbox", row -> {
 *         RecordedCall call = RecordedCall.of(row);
 *         return switch (call.name()) {
 *             case "com.acme.OrderSender#placed" ->
 *                 BridgeMapping.deliver(row.toMessage("orders", row.key(), "order-placed", call.argument(0).toString()));
 *             default -> BridgeMapping.leave("no mapping for calls of " + call.name());
 *         };
 *     });
 * }
 * }</pre>
 *
 * @param bridge {@code modulith}, {@code transaction-outbox} or {@code namastack}
 * @param mapping the mapping
 * @since 0.1
 */
public record TallyBridgeMapping(String bridge, BridgeMapping mapping) {

    /**
     * Checks the name.
     *
     * @throws IllegalArgumentException for a name that no bridge has
     */
    public TallyBridgeMapping {
        if (!Peer.NAMES.contains(bridge)) {
            throw new IllegalArgumentException(
                    "Cannot map the rows of '" + bridge + "': there are bridges " + Peer.NAMES);
        }
    }

    /**
     * Describes a mapping.
     *
     * @throws IllegalArgumentException for a name that no bridge has
     */
    public static TallyBridgeMapping of(String bridge, BridgeMapping mapping) {
        return new TallyBridgeMapping(bridge, mapping);
    }
}
