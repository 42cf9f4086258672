package dev.tally.outbox.bridge;

import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How far a bridge has come. Counted over all processes, but for what is said to be of this one.
 *
 * @param bridge its name
 * @param mode what it may do
 * @param state what it was last doing in this process
 * @param detail a sentence on that
 * @param paused whether a person has paused it, in all processes
 * @param waiting undelivered rows that are neither taken, dropped nor left, by their state in the other's words
 * @param oldest the age of the oldest of them; {@code null} where there is none
 * @param ofOthers undelivered rows for listeners or handlers that the bridge is not for
 * @param taken rows that are taken, and whose messages Tally delivers
 * @param dropped rows that the mapping dropped, by reason
 * @param left rows that could not be mapped and are still there, by reason; the most frequent ones
 * @param heldInLastRound rows that waited behind a left one of their key when this process last looked at all
 * @since 0.1
 */
public record BridgeProgress(
        String bridge,
        BridgeMode mode,
        BridgeState state,
        String detail,
        boolean paused,
        Map<String, Long> waiting,
        @Nullable Duration oldest,
        long ofOthers,
        long taken,
        Map<String, Long> dropped,
        Map<String, Long> left,
        long heldInLastRound) {

    /** Copies the maps. */
    public BridgeProgress {
        waiting = Map.copyOf(waiting);
        dropped = Map.copyOf(dropped);
        left = Map.copyOf(left);
    }

    /** The same counts, for a process that does something else now. */
    BridgeProgress in(BridgeState now, String why) {
        return new BridgeProgress(
                bridge, mode, now, why, paused, waiting, oldest, ofOthers, taken, dropped, left, heldInLastRound);
    }

    /** The sum of {@link #waiting}. */
    public long rowsWaiting() {
        return sum(waiting);
    }

    /** The sum of {@link #left}. */
    public long rowsLeft() {
        return sum(left);
    }

    /** The sum of {@link #dropped}. */
    public long rowsDropped() {
        return sum(dropped);
    }

    /** Whether nothing of the other table is the bridge's business any more. */
    public boolean isDrained() {
        return rowsWaiting() == 0 && rowsLeft() == 0;
    }

    private static long sum(Map<String, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    /** One line for people: what was done, and what is left, with reasons. */
    public String summary() {
        return "bridge=" + bridge + " taken=" + taken + " dropped=" + rowsDropped() + inWords(dropped) + " left="
                + rowsLeft() + inWords(left) + " waiting=" + rowsWaiting() + inWords(waiting) + " heldBehindLeft="
                + heldInLastRound + " ofOthers=" + ofOthers;
    }

    private static String inWords(Map<String, Long> counts) {
        return counts.isEmpty()
                ? ""
                : counts.entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(entry -> entry.getKey() + ": " + entry.getValue())
                        .collect(Collectors.joining("; ", " (", ")"));
    }
}
