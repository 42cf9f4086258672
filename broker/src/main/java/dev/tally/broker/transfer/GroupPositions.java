package dev.tally.broker.transfer;

import dev.tally.broker.topic.GroupTopics;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * Gives groups at the target the positions that they have at the source. Positions only go forward, and those of a group
 * that consumes at the target are its own.
 */
final class GroupPositions {

    private final Map<String, Node> sources;
    private final Node target;
    private final Set<String> online = new TreeSet<>();
    private long committed;

    GroupPositions(Map<String, Node> sources, Node target) {
        this.sources = sources;
        this.target = target;
    }

    /** Groups whose positions were left at the last call, because they consume at the target. */
    Set<String> leftOnline() {
        return online;
    }

    /** How many positions were set so far. */
    long committed() {
        return committed;
    }

    void carryOver(Set<String> groups, Collection<QueueState> queues) throws IOException {
        online.clear();
        if (groups.isEmpty()) {
            return;
        }
        Map<String, JsonNode> tables = new HashMap<>();
        for (Node source : sources.values()) {
            tables.put(source.name(), source.committedOffsets());
        }
        JsonNode there = target.committedOffsets();
        for (String group : groups) {
            boolean consumes = target.online(group);
            for (QueueState queue : queues) {
                JsonNode table = tables.get(queue.key().broker());
                if (table != null && !queue.key().topic().startsWith(GroupTopics.DEAD_LETTER_PREFIX)) {
                    carryOver(group, queue, table, there, consumes);
                }
            }
        }
    }

    private void carryOver(String group, QueueState queue, JsonNode table, JsonNode there, boolean consumes)
            throws IOException {
        long position = position(table, group, queue.key().topic(), queue.key().queue());
        if (position < 0) {
            return;
        }
        long wanted = queue.targetOf(position);
        long present = position(there, group, queue.targetTopic(), queue.targetQueue());
        if (present >= wanted) {
            return;
        }
        if (consumes) {
            online.add(group);
            return;
        }
        target.commit(group, queue.targetTopic(), queue.targetQueue(), wanted);
        committed++;
    }

    private static long position(JsonNode table, String group, String topic, int queue) {
        return table.path(topic + "@" + group).path(Integer.toString(queue)).asLong(-1);
    }
}
