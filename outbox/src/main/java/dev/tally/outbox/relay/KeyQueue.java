package dev.tally.outbox.relay;

import java.util.List;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The entries of one key, by id. At most one of them is active: ready, in flight, or backing off. Guarded by
 * {@link Lanes}.
 */
final class KeyQueue {

    private final TreeMap<Long, HeldEntry> entries = new TreeMap<>();
    private @Nullable HeldEntry active;

    void add(HeldEntry entry) {
        entries.put(entry.id(), entry);
    }

    void remove(HeldEntry entry) {
        entries.remove(entry.id(), entry);
        deactivate(entry);
    }

    /** The entry is not ready after all, and stays. */
    void deactivate(HeldEntry entry) {
        if (active == entry) {
            active = null;
        }
    }

    /**
     * Makes the head active, if nothing is and it is committed. A head whose transaction is not decided waits: a later id
     * that is already committed may have taken effect after it.
     *
     * @param mayGo whether an entry may be sent by this node now
     * @return the entry to send now, or {@code null}
     */
    @Nullable HeldEntry advance(Predicate<HeldEntry> mayGo) {
        if (active != null || entries.isEmpty()) {
            return null;
        }
        HeldEntry head = entries.firstEntry().getValue();
        if (!head.isCommitted() || !mayGo.test(head)) {
            return null;
        }
        active = head;
        return head;
    }

    List<HeldEntry> idle() {
        return entries.values().stream()
                .filter(entry -> entry != active && entry.isCommitted())
                .toList();
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }
}
