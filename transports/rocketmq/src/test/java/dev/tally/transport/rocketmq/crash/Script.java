package dev.tally.transport.rocketmq.crash;

import java.util.EnumSet;
import java.util.Set;

/**
 * What a transaction does.
 *
 * @param id names it and its business row
 * @param point where it stops, or {@code null}
 * @param messages how many it publishes
 * @param commitMillis how long the database takes to commit it, where the database can be told
 * @param turns what happens to it besides
 */
record Script(String id, CrashPoint point, int messages, int commitMillis, Set<Turn> turns) {

    enum Turn {
        /** It rolls back after the broker has its half messages. */
        ROLLS_BACK,
        /** The decision gets lost on its way to the broker. */
        DECISION_LOST,
        /** The broker refuses its half messages. */
        REFUSED,
        /** The broker stores its half messages, and the answer gets lost. */
        ANSWER_LOST
    }

    static Script plain(String id, int messages) {
        return new Script(id, null, messages, 0, Set.of());
    }

    static Script stopping(String id, CrashPoint point, int messages) {
        return new Script(id, point, messages, 0, Set.of());
    }

    Script with(Turn... more) {
        Set<Turn> all = EnumSet.noneOf(Turn.class);
        all.addAll(turns);
        all.addAll(Set.of(more));
        return new Script(id, point, messages, commitMillis, all);
    }

    Script commitMillis(int millis) {
        return new Script(id, point, messages, millis, turns);
    }

    boolean has(Turn turn) {
        return turns.contains(turn);
    }

    /** For the process that runs it. */
    String toLine() {
        StringBuilder line = new StringBuilder(
                "tx " + id + ' ' + (point == null ? "-" : point) + ' ' + messages + ' ' + commitMillis);
        turns.forEach(turn -> line.append(' ').append(turn));
        return line.toString();
    }

    static Script of(String line) {
        String[] words = line.split(" ");
        Set<Turn> turns = EnumSet.noneOf(Turn.class);
        for (int i = 5; i < words.length; i++) {
            turns.add(Turn.valueOf(words[i]));
        }
        return new Script(
                words[1],
                words[2].equals("-") ? null : CrashPoint.valueOf(words[2]),
                Integer.parseInt(words[3]),
                Integer.parseInt(words[4]),
                turns);
    }

    @Override
    public String toString() {
        return toLine();
    }
}
