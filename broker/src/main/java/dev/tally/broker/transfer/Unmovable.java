package dev.tally.broker.transfer;

import dev.tally.broker.protocol.SystemTopics;
import java.io.IOException;
import java.util.Collection;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What a copy cannot take along, because no consumer could see it yet.
 *
 * @param scheduled messages that are not due
 * @param undecided half messages without a decision
 * @param exact whether these are the numbers, and not upper bounds
 */
record Unmovable(long scheduled, long undecided, boolean exact) {

    private static final String HALF_GROUP = "CID_RMQ_SYS_TRANS";

    static Unmovable at(Collection<Node> sources) throws IOException {
        long scheduled = 0;
        long undecided = 0;
        boolean exact = true;
        for (Node source : sources) {
            Map<String, String> runtime = source.runtime();
            scheduled += number(runtime, "timerCongestNum");
            if (runtime.containsKey(Copy.MARK_OF_TALLY)) {
                undecided += number(runtime, Copy.MARK_OF_TALLY);
            } else {
                exact = false;
                for (Map.Entry<Integer, Long> level : source.delayOffsets().entrySet()) {
                    scheduled +=
                            Math.max(0, source.maxOffset(SystemTopics.SCHEDULE, level.getKey() - 1) - level.getValue());
                }
                OptionalLong decided = source.committed(HALF_GROUP, SystemTopics.HALF, 0);
                undecided += Math.max(0, source.maxOffset(SystemTopics.HALF, 0) - decided.orElse(0));
            }
        }
        return new Unmovable(scheduled, undecided, exact);
    }

    private static long number(Map<String, String> runtime, String name) {
        String text = runtime.getOrDefault(name, "0");
        try {
            return Math.max(0, Long.parseLong(text));
        } catch (NumberFormatException e) {
            // Another version's other form; a count of nothing would be a wrong one.
            throw new IllegalStateException("The source says of its " + name + " what is no number: " + text, e);
        }
    }

    boolean any() {
        return scheduled + undecided > 0;
    }

    @Override
    public String toString() {
        String upTo = exact ? "" : "up to ";
        return upTo + scheduled + " scheduled messages that are not due, " + upTo + undecided
                + " undecided half messages";
    }
}
