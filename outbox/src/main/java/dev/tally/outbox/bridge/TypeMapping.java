package dev.tally.outbox.bridge;

import java.util.Map;

/**
 * The mapping by the row's type: each type that is named goes to its topic, with the row's own key, headers and payload.
 * A row of another type is left. Thread-safe.
 *
 * @since 0.1
 */
public final class TypeMapping implements BridgeMapping {

    private final Map<String, Target> targets;

    /**
     * Where the rows of one type go.
     *
     * @param topic the topic
     * @param messageType the logical name of the type in Tally's messages
     */
    public record Target(String topic, String messageType) {}

    /**
     * Creates the mapping.
     *
     * @param targets by the type as it is written in the rows
     */
    public TypeMapping(Map<String, Target> targets) {
        this.targets = Map.copyOf(targets);
    }

    @Override
    public Decision map(BridgedRow row) {
        Target target = targets.get(row.type());
        if (target == null) {
            return BridgeMapping.leave("no topic is named for type " + row.type());
        }
        return BridgeMapping.deliver(row.toMessage(target.topic(), row.key(), target.messageType()));
    }
}
