package dev.tally.benchmarks.consumer;

import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.time.Timing;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What the service can be told to do; each command is one line, and so is its answer.
 *
 * <pre>
 * open TOPIC            builds the service, which does nothing yet   opened
 * start                 begins to consume                            started
 * await COUNT MILLIS    waits for messages                           awaited EFFECTS DUPLICATES FAILURES FIRST_NANOS LAST_NANOS
 * handling              how long transactions took                   handling TRANSACTIONS MESSAGES P50_NANOS P99_NANOS
 * close                 ends the service                             closed
 * </pre>
 *
 * Nanos are {@link Timing#nanos()}. What is counted is since {@code open}.
 */
final class ConsumerCommands implements AutoCloseable {

    private static final double MEDIAN = 50;
    private static final double WORST_IN_A_HUNDRED = 99;
    private static final Duration LOOK_AGAIN = Duration.ofMillis(5);

    private final Style style;
    private final List<String> properties;
    private final Timing timing;
    private @Nullable ConsumerSession session;

    ConsumerCommands(Style style, List<String> properties, Timing timing) {
        this.style = style;
        this.properties = properties;
        this.timing = timing;
    }

    String run(String line) throws Exception {
        String[] words = line.split(" ", -1);
        return switch (words[0]) {
            case "open" -> {
                close();
                session = ConsumerSession.open(style, words[1], properties, timing);
                yield "opened";
            }
            case "start" -> {
                session().start();
                yield "started";
            }
            case "await" -> await(Long.parseLong(words[1]), Duration.ofMillis(Long.parseLong(words[2])));
            case "handling" -> handling();
            case "close" -> {
                close();
                yield "closed";
            }
            default -> throw new BenchmarkException("There is no command " + line);
        };
    }

    private ConsumerSession session() {
        if (session == null) {
            throw new BenchmarkException("The service is not open");
        }
        return session;
    }

    private String await(long count, Duration within) throws InterruptedException {
        Effects effects = session().effects();
        long start = timing.nanos();
        while (effects.settled() < count && timing.since(start).compareTo(within) < 0) {
            timing.pause(LOOK_AGAIN);
        }
        return answer(
                "awaited",
                effects.effects(),
                effects.duplicates(),
                effects.failures(),
                effects.firstNanos(),
                effects.lastNanos());
    }

    private String handling() {
        Handling handling = session().handling();
        Histogram byMessage = handling.byMessage();
        return answer(
                "handling",
                handling.transactions(),
                byMessage.getTotalCount(),
                byMessage.getValueAtPercentile(MEDIAN),
                byMessage.getValueAtPercentile(WORST_IN_A_HUNDRED));
    }

    private static String answer(String word, long... numbers) {
        return word + " "
                + String.join(
                        " ", LongStream.of(numbers).mapToObj(Long::toString).toList());
    }

    @Override
    public void close() {
        if (session != null) {
            session.close();
            session = null;
        }
    }
}
