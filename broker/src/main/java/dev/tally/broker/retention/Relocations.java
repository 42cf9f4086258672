package dev.tally.broker.retention;

import dev.tally.broker.collect.LongLongMap;
import java.util.function.Consumer;

/**
 * Where messages stand now whose own segment was removed: by the position that identifies them, that of their copy.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 *
 * @since 0.1
 */
public final class Relocations {

    private static final long NONE = -1;

    private LongLongMap copies = new LongLongMap();

    /** No relocations. */
    public Relocations() {}

    /** The message's copy stands there now. */
    public synchronized void put(long position, long copy) {
        copies.put(position, copy);
    }

    /** Where a message stands: its copy's position, or its own without one. */
    public synchronized long locationOf(long position) {
        return copies.get(position, position);
    }

    /** The position of a message's copy, {@code -1} without one. */
    public synchronized long copyOf(long position) {
        return copies.get(position, NONE);
    }

    /** Forgets copies before a position: nobody needed them when it became the log's start. */
    public synchronized void forgetBefore(long start) {
        LongLongMap kept = new LongLongMap();
        copies.forEach((position, copy) -> {
            if (copy >= start) {
                kept.put(position, copy);
            }
        });
        copies = kept;
    }

    /** Visits all, in no particular order. */
    public synchronized void forEach(Consumer<Relocation> visitor) {
        copies.forEach((position, copy) -> visitor.accept(new Relocation(position, copy)));
    }

    /** How many there are. */
    public synchronized int size() {
        return copies.size();
    }
}
