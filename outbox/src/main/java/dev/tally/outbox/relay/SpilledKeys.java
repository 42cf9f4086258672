package dev.tally.outbox.relay;

import dev.tally.message.Message;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which keys have rows that wait in the table, so that no newer message of theirs may pass in memory. Counted by hash of
 * the key, in a fixed amount of memory for any number of keys: two keys that share a count only share the detour through
 * the table. Guarded by {@link Lanes}.
 */
final class SpilledKeys {

    private static final int STRIPES = 1 << 16;

    private final int[] waiting = new int[STRIPES];
    private long total;

    void add(List<Message> messages) {
        messages.forEach(message -> change(message.key(), 1));
    }

    void remove(@Nullable String key) {
        change(key, -1);
    }

    boolean mayHave(@Nullable String key) {
        return key != null && waiting[stripe(key)] > 0;
    }

    long total() {
        return total;
    }

    private void change(@Nullable String key, int by) {
        total += by;
        if (key != null) {
            waiting[stripe(key)] += by;
        }
    }

    private static int stripe(String key) {
        int hash = key.hashCode();
        return (hash ^ (hash >>> 16)) & (STRIPES - 1);
    }
}
