package dev.tally.broker.transfer;

import java.util.ArrayList;
import java.util.List;

/**
 * Which offset of the target each copied message of a source queue has: runs of neighbours on both sides. There is one run
 * as a rule; more where somebody else sends to the target queue as well, or where offsets are missing. Not thread-safe.
 */
final class OffsetMap {

    /** So many interruptions are told apart; beyond, a position is taken for an earlier one, which repeats and loses nothing. */
    static final int MOST_RUNS = 20_000;

    private final List<Run> runs = new ArrayList<>();
    private final long targetBegin;
    private long targetEnd;

    /**
     * Neighbours.
     *
     * @param from the first one's offset at the source
     * @param to and at the target
     * @param length how many
     */
    record Run(long from, long to, long length) {}

    /** @param targetBegin the target queue's end before the copy */
    OffsetMap(long targetBegin) {
        this.targetBegin = targetBegin;
        this.targetEnd = targetBegin;
    }

    OffsetMap(long targetBegin, long targetEnd, List<Run> runs) {
        this.targetBegin = targetBegin;
        this.targetEnd = targetEnd;
        this.runs.addAll(runs);
    }

    long targetBegin() {
        return targetBegin;
    }

    /** Behind the last copied message at the target. */
    long targetEnd() {
        return targetEnd;
    }

    List<Run> runs() {
        return List.copyOf(runs);
    }

    /** Notes copied messages that lie beside each other. */
    void add(long from, long to, long length) {
        if (to < targetEnd) {
            // The target says that it had them already; the mapping that is known holds.
            return;
        }
        Run last = runs.isEmpty() ? null : runs.get(runs.size() - 1);
        if (last != null && last.from + last.length == from && last.to + last.length == to) {
            runs.set(runs.size() - 1, new Run(last.from, last.to, last.length + length));
        } else if (runs.size() < MOST_RUNS) {
            runs.add(new Run(from, to, length));
        }
        targetEnd = to + length;
    }

    /**
     * Where a group that is at an offset of the source goes on at the target. Behind everything that it has consumed, and
     * never behind anything that it has not.
     */
    long targetOf(long offset) {
        int low = 0;
        int high = runs.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (runs.get(middle).from < offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if (low == 0) {
            return targetBegin;
        }
        Run run = runs.get(low - 1);
        return run.to + Math.min(offset - run.from, run.length);
    }
}
