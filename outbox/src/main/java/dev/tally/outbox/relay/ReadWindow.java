package dev.tally.outbox.relay;

import java.util.HashSet;
import java.util.Set;

/** Which ids left memory while rows were being read: what is read may still show them. Guarded by {@link Lanes}. */
final class ReadWindow {

    private final Set<Long> left = new HashSet<>();
    private boolean open;

    /** Must come before the statement that reads. */
    void begin() {
        open = true;
        left.clear();
    }

    void left(long id) {
        if (open) {
            left.add(id);
        }
    }

    boolean hasLeft(long id) {
        return left.contains(id);
    }

    void end() {
        open = false;
        left.clear();
    }
}
