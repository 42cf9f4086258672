package dev.tally.broker.half;

import dev.tally.broker.collect.LongLongMap;
import dev.tally.broker.store.Decision;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What became of the half messages decided last, so that a repeated decision gets the same answer. About 25 bytes each.
 * Two generations: when the younger is full, the older is forgotten; so at least half of the bound is remembered.
 */
final class Decided {

    private static final int GROUP_BITS = 20;
    private static final int OFFSET_SHIFT = GROUP_BITS + 1;
    private static final long NONE = -1;

    private final int generationSize;
    private final Map<String, Integer> groupNumbers = new HashMap<>();
    private final List<String> groupNames = new ArrayList<>();
    private LongLongMap younger = new LongLongMap();
    private LongLongMap older = new LongLongMap();

    Decided(int bound) {
        this.generationSize = Math.max(1, bound / 2);
    }

    /**
     * An outcome.
     *
     * @param queueOffset where it became visible, {@code -1} where it did not, or not at once
     */
    record Outcome(String producerGroup, Decision decision, long queueOffset) {}

    void remember(long position, String producerGroup, Decision decision, long queueOffset) {
        if (younger.size() >= generationSize) {
            older = younger;
            younger = new LongLongMap();
        }
        int group = groupNumber(producerGroup);
        if (group < 0) {
            return;
        }
        younger.put(position, pack(group, decision, queueOffset));
    }

    private static long pack(int group, Decision decision, long queueOffset) {
        return (queueOffset + 1) << OFFSET_SHIFT | (long) group << 1 | (decision == Decision.COMMIT ? 1 : 0);
    }

    @Nullable Outcome find(long position) {
        long packed = younger.get(position, older.get(position, NONE));
        return packed == NONE ? null : unpack(packed);
    }

    private Outcome unpack(long packed) {
        String group = groupNames.get((int) (packed >>> 1) & ((1 << GROUP_BITS) - 1));
        return new Outcome(
                group, (packed & 1) == 1 ? Decision.COMMIT : Decision.ROLLBACK, (packed >>> OFFSET_SHIFT) - 1);
    }

    int size() {
        return younger.size() + older.size();
    }

    void forEach(DecisionVisitor visitor) throws IOException {
        forEach(older, false, visitor);
        forEach(younger, true, visitor);
    }

    private void forEach(LongLongMap generation, boolean young, DecisionVisitor visitor) throws IOException {
        generation.forEach((position, packed) -> {
            Outcome outcome = unpack(packed);
            visitor.decided(
                    new DecidedEntry(position, outcome.producerGroup, outcome.decision, outcome.queueOffset, young));
        });
    }

    void restore(DecidedEntry entry) {
        int group = groupNumber(entry.producerGroup());
        if (group >= 0) {
            (entry.young() ? younger : older).put(entry.position(), pack(group, entry.decision(), entry.queueOffset()));
        }
    }

    private int groupNumber(String group) {
        Integer known = groupNumbers.get(group);
        if (known != null) {
            return known;
        }
        int number = groupNames.size();
        if (number >= 1 << GROUP_BITS) {
            // A million names are enough to hold in memory; what the others decide is not remembered.
            return -1;
        }
        groupNames.add(group);
        groupNumbers.put(group, number);
        return number;
    }
}
