package dev.tally.outbox.relay;

import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The entries of one key, by id. At most one of them is active: ready, in flight, or backing off. Guarded by
 * {@link Lanes}.
 */
final class Lane {

    private final TreeMap<Long, HeldEntry> entries = new TreeMap<>();
    private @Nullable HeldEntry active;

    void add(HeldEntry entry) {
        entries.put(entry.id(), entry);
    }

    void remove(HeldEntry entry) {
        entries.remove(entry.id());
        if (active == entry) {
            active = null;
        }
    }

    /**
     * Makes the head active, if nothing is and it is committed. A head whose transaction is not decided waits: a later id
     * that is already committed may have taken effect after it.
     *
     * @return the entry to send now, or {@code null}
     */
    @Nullable HeldEntry advance() {
        if (active != null || entries.isEmpty()) {
            return null;
        }
        HeldEntry head = entries.firstEntry().getValue();
        if (!head.isCommitted()) {
            return null;
        }
        active = head;
        return head;
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }
}
