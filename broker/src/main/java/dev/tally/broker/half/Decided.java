package dev.tally.broker.half;

import dev.tally.broker.collect.Numbered;
import dev.tally.broker.collect.RecentLongs;
import dev.tally.broker.store.Decision;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What became of the half messages decided last, so that a repeated decision gets the same answer. About 25 bytes each;
 * at least half of the bound is remembered.
 */
final class Decided {

    private static final int GROUP_BITS = 20;
    private static final int GROUP_MASK = (1 << GROUP_BITS) - 1;
    private static final int OFFSET_SHIFT = GROUP_BITS + 1;
    private static final long NONE = -1;

    private final Numbered<String> groups;
    private final RecentLongs outcomes;

    Decided(int bound, Numbered<String> groups) {
        this.groups = groups;
        this.outcomes = new RecentLongs(bound);
    }

    void remember(DecidedEntry decided) {
        int group = groups.numberOf(decided.producerGroup());
        if (group > GROUP_MASK) {
            // A million names are enough; what the others decide is not remembered.
            return;
        }
        long commit = decided.decision() == Decision.COMMIT ? 1 : 0;
        outcomes.put(decided.position(), ((decided.queueOffset() + 1) << OFFSET_SHIFT) | ((long) group << 1) | commit);
    }

    @Nullable DecidedEntry find(long position) {
        long packed = outcomes.get(position, NONE);
        return packed == NONE ? null : unpacked(position, packed);
    }

    void forEach(Consumer<DecidedEntry> visitor) {
        outcomes.forEach((position, packed) -> visitor.accept(unpacked(position, packed)));
    }

    private DecidedEntry unpacked(long position, long packed) {
        return new DecidedEntry(
                position,
                groups.get((int) (packed >>> 1) & GROUP_MASK),
                (packed & 1) == 1 ? Decision.COMMIT : Decision.ROLLBACK,
                (packed >>> OFFSET_SHIFT) - 1);
    }
}
