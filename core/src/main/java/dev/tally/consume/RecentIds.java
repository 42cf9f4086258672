package dev.tally.consume;

import dev.tally.message.MessageId;
import java.util.LinkedHashSet;
import java.util.Set;

/** The ids that were added last. Thread-safe. */
final class RecentIds {

    static final int CAPACITY = 10_000;

    private final Set<MessageId> ids = new LinkedHashSet<>();

    synchronized boolean contains(MessageId id) {
        return ids.contains(id);
    }

    synchronized void add(MessageId id) {
        if (ids.add(id) && ids.size() > CAPACITY) {
            ids.remove(ids.iterator().next());
        }
    }
}
