package dev.tally.broker.topic;

import dev.tally.broker.protocol.JsonBody;
import dev.tally.broker.store.GroupConfig;
import dev.tally.broker.store.MessageStore;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The values that people leave with the name server, by namespace and key. A namespace is kept as the settings of a
 * system group, so it is in the log and in snapshots like any group's settings. Thread-safe.
 */
public final class KeyValues {

    /** All keys and values of one namespace together, in bytes. */
    public static final int MOST_BYTES = 60_000;

    private static final String GROUP_PREFIX = GroupTopics.SYSTEM_GROUP_PREFIX + "KV_";

    private final MessageStore store;

    /** What is being written: the next change builds on it, not on what is durable already. */
    private final Map<String, Map<String, String>> underWay = new HashMap<>();

    public KeyValues(MessageStore store) {
        this.store = store;
    }

    /** A namespace's keys and values, empty for an unknown one. */
    public synchronized Map<String, String> of(String namespace) {
        Map<String, String> pending = underWay.get(namespace);
        return pending == null ? stored(namespace) : pending;
    }

    /**
     * Sets a value, or removes the key where it is {@code null}.
     *
     * @return completes when that is durable
     * @throws IllegalArgumentException where the namespace would become too large
     */
    public synchronized CompletableFuture<?> set(String namespace, String key, @Nullable String value) {
        Map<String, String> values = new TreeMap<>(of(namespace));
        if (value == null) {
            values.remove(key);
        } else {
            values.put(key, value);
        }
        String text = JsonBody.text(values);
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MOST_BYTES) {
            throw new IllegalArgumentException("Cannot set key " + key + " in namespace " + namespace
                    + ": the namespace would take " + bytes + " bytes; at most " + MOST_BYTES + " are possible");
        }
        underWay.put(namespace, values);
        return store.saveGroup(new GroupConfig(GROUP_PREFIX + namespace, false, 1, 0, text))
                .whenComplete((saved, failure) -> finished(namespace, values));
    }

    private synchronized void finished(String namespace, Map<String, String> values) {
        if (underWay.get(namespace) == values) {
            underWay.remove(namespace);
        }
    }

    private Map<String, String> stored(String namespace) {
        GroupConfig group = store.group(GROUP_PREFIX + namespace);
        Map<String, String> values = new TreeMap<>();
        if (group != null && JsonBody.value(group.more(), "namespace " + namespace) instanceof Map<?, ?> map) {
            map.forEach((key, value) -> values.put(String.valueOf(key), String.valueOf(value)));
        }
        return values;
    }
}
