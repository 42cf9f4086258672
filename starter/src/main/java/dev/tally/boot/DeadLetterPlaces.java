package dev.tally.boot;

import java.util.Iterator;
import java.util.List;

/**
 * The dead letters of all data sources, the primary one first. Immutable.
 *
 * @since 0.1
 */
public final class DeadLetterPlaces implements Iterable<DeadLetterAccess> {

    private final List<DeadLetterAccess> all;

    DeadLetterPlaces(List<DeadLetterAccess> all) {
        this.all = List.copyOf(all);
    }

    @Override
    public Iterator<DeadLetterAccess> iterator() {
        return all.iterator();
    }
}
