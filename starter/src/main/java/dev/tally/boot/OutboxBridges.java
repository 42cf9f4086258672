package dev.tally.boot;

import dev.tally.outbox.bridge.OutboxBridge;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * The bridges of this application. Thread-safe.
 *
 * @since 0.1
 */
public final class OutboxBridges implements Iterable<OutboxBridge> {

    private final List<OutboxBridge> all;

    OutboxBridges(List<OutboxBridge> all) {
        this.all = List.copyOf(all);
    }

    @Override
    public Iterator<OutboxBridge> iterator() {
        return all.iterator();
    }

    /** The bridge with this name, if there is one. */
    public Optional<OutboxBridge> named(String name) {
        return all.stream().filter(bridge -> bridge.name().equals(name)).findFirst();
    }
}
