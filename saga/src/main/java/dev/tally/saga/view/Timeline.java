package dev.tally.saga.view;

import dev.tally.saga.store.HistoryEntry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Makes a timeline of a history. For one saga. */
final class Timeline {

    private final JsonMapper mapper = JsonMapper.shared();

    List<SagaExplanation.Moment> of(List<HistoryEntry> history) {
        List<SagaExplanation.Moment> moments = new ArrayList<>();
        JsonNode data = mapper.createObjectNode();
        for (HistoryEntry entry : history) {
            JsonNode after = entry.data() == null ? data : mapper.readTree(entry.data());
            moments.add(new SagaExplanation.Moment(
                    entry.version(), entry.at(), entry.events(), entry.actor(), entry.reason(), changes(data, after)));
            data = after;
        }
        return moments;
    }

    private static Map<String, SagaExplanation.Change> changes(JsonNode before, JsonNode after) {
        Set<String> names = new LinkedHashSet<>(before.propertyNames());
        names.addAll(after.propertyNames());
        Map<String, SagaExplanation.Change> changes = new LinkedHashMap<>();
        for (String name : names) {
            String old = text(before.get(name));
            String now = text(after.get(name));
            if (old == null ? now != null : !old.equals(now)) {
                changes.put(name, new SagaExplanation.Change(old, now));
            }
        }
        return changes;
    }

    private static @Nullable String text(@Nullable JsonNode node) {
        return node == null ? null : node.toString();
    }
}
