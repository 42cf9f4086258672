package dev.tally.broker.server;

import dev.tally.broker.net.Connection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Check-backs that are under way: who was asked what, who showed a sign of life since, and whose answer is outstanding.
 * Time is counted in rounds, which no jump of a clock can stretch. Thread-safe.
 */
final class Inquiries {

    /** Rounds without a sign of life after which a connection is suspected to be dead. */
    static final int SILENT_ROUNDS = 10;

    /** Rounds after which an answer is not waited for any more; the next check asks again. */
    static final int ANSWER_ROUNDS = 50;

    /** Questions to one connection that are not answered: a producer that hangs is not given more. */
    static final int MOST_FOR_ONE = 256;

    private static final int MOST = 4096;

    private final Map<Long, Question> byPosition = new LinkedHashMap<>();
    private final Map<Connection, Set<Question>> byConnection = new HashMap<>();
    private final Map<Connection, Integer> silentSince = new HashMap<>();
    private final Set<Connection> suspects = new HashSet<>();
    private volatile boolean waiting;
    private int round;

    /** A question about a half message. */
    private static final class Question {
        private final long position;
        private final String group;
        private final Set<Connection> asked = new LinkedHashSet<>();
        private int sinceRound;
        private boolean delivered;
        private boolean askedAll;

        Question(long position, String group, int sinceRound) {
            this.position = position;
            this.group = group;
            this.sinceRound = sinceRound;
        }
    }

    /**
     * A question that nobody got, as far as is known.
     *
     * @param askedAll whether all producers that could be asked were
     * @param asked those that were
     */
    record Silent(long position, String group, boolean askedAll, Set<Connection> asked) {}

    /** How many more questions may be asked now. */
    synchronized int room() {
        return MOST - byPosition.size();
    }

    /** The next to be asked of those given: one that is not suspected where there is one, {@code null} for nobody. */
    synchronized @Nullable Connection choose(List<Connection> producers) {
        Connection suspected = null;
        for (Connection producer : producers) {
            if (byConnection.getOrDefault(producer, Set.of()).size() >= MOST_FOR_ONE) {
                continue;
            }
            if (!suspects.contains(producer)) {
                return producer;
            }
            suspected = suspected == null ? producer : suspected;
        }
        return suspected;
    }

    /** Those of the given that are neither suspected nor in a set. */
    synchronized List<Connection> others(List<Connection> producers, Set<Connection> asked) {
        return producers.stream()
                .filter(producer -> !asked.contains(producer) && !suspects.contains(producer))
                .toList();
    }

    /** A question is about to be written to that connection. */
    synchronized void asking(long position, String group, Connection connection) {
        Question question = byPosition.computeIfAbsent(position, absent -> new Question(position, group, round));
        question.asked.add(connection);
        byConnection
                .computeIfAbsent(connection, absent -> new LinkedHashSet<>())
                .add(question);
        silentSince.putIfAbsent(connection, round);
        waiting = true;
    }

    /** The question goes to all the others now. */
    synchronized void askingAll(long position) {
        Question question = byPosition.get(position);
        if (question != null) {
            question.askedAll = true;
            question.sinceRound = round;
        }
    }

    /** A connection brought something: what was asked there has arrived. Answers the positions that this is news of. */
    List<Long> heard(Connection connection) {
        // Nearly always nothing is under way, and this is called for every frame.
        return waiting ? delivered(connection) : List.of();
    }

    private synchronized List<Long> delivered(Connection connection) {
        suspects.remove(connection);
        silentSince.remove(connection);
        List<Long> news = new ArrayList<>();
        for (Question question : byConnection.getOrDefault(connection, Set.of())) {
            if (!question.delivered) {
                question.delivered = true;
                news.add(question.position);
            }
        }
        return news;
    }

    /** Somebody answered, asked or not. */
    void answered(long position) {
        if (waiting) {
            forget(position);
        }
    }

    private synchronized void forget(long position) {
        Question question = byPosition.get(position);
        if (question != null) {
            end(question);
        }
    }

    /** The question could not be written there. */
    synchronized void notWritten(long position, Connection connection) {
        suspects.add(connection);
        waiting = true;
        Question question = byPosition.get(position);
        if (question != null && !question.delivered) {
            question.sinceRound = round - SILENT_ROUNDS;
        }
    }

    /** A connection is gone: what was asked there is asked elsewhere in the next round. */
    synchronized void gone(Connection connection) {
        suspects.remove(connection);
        silentSince.remove(connection);
        Set<Question> questions = byConnection.remove(connection);
        if (questions != null) {
            questions.forEach(question -> question.sinceRound =
                    Math.min(question.sinceRound, round - (question.delivered ? 0 : SILENT_ROUNDS)));
        }
    }

    /**
     * Begins a round. Who was asked and stayed silent too long is suspected from now on, until it is heard. Answers the
     * questions that nobody showed a sign of having got; those that were asked of all are forgotten.
     */
    synchronized List<Silent> nextRound() {
        round++;
        silentSince.forEach((connection, since) -> {
            if (round - since >= SILENT_ROUNDS) {
                suspects.add(connection);
            }
        });
        silentSince.keySet().removeAll(suspects);
        List<Silent> silent = new ArrayList<>();
        for (Question question : List.copyOf(byPosition.values())) {
            int age = round - question.sinceRound;
            if (question.delivered && age >= ANSWER_ROUNDS) {
                end(question);
            } else if (!question.delivered && age >= SILENT_ROUNDS) {
                silent.add(
                        new Silent(question.position, question.group, question.askedAll, Set.copyOf(question.asked)));
                if (question.askedAll) {
                    end(question);
                }
            }
        }
        waiting = !byPosition.isEmpty() || !suspects.isEmpty() || !silentSince.isEmpty();
        return silent;
    }

    /** Nobody is left to be asked. */
    void giveUp(long position) {
        forget(position);
    }

    private void end(Question question) {
        byPosition.remove(question.position);
        for (Connection connection : question.asked) {
            Set<Question> questions = byConnection.get(connection);
            if (questions != null) {
                questions.remove(question);
                if (questions.isEmpty()) {
                    byConnection.remove(connection);
                }
            }
        }
    }
}
