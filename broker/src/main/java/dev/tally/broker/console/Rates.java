package dev.tally.broker.console;

import dev.tally.broker.store.CommittedOffset;
import dev.tally.broker.store.GroupConfig;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.TopicConfig;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How fast topics grow and groups go on, from samples of their offsets: nothing is counted on the way of a message.
 * Within ten minutes a sample every ten seconds is kept, within a day one every ten minutes. Thread-safe.
 *
 * <p>A group that begins anew somewhere else, back or forth, shows that as a rate; a negative one is shown as none.
 */
final class Rates implements Runnable {

    static final Duration SAMPLE_EVERY = Duration.ofSeconds(10);

    /** Messages put to a topic; the key is the topic. */
    static final String TOPIC_PUT_NUMS = "TOPIC_PUT_NUMS";

    /** Messages got by a group; the key is topic@group. */
    static final String GROUP_GET_NUMS = "GROUP_GET_NUMS";

    static final String ALL = "*";

    private static final long FINE_MILLIS = Duration.ofMinutes(10).toMillis();
    private static final long COARSE_MILLIS = Duration.ofDays(1).toMillis();
    private static final int MOST_KEYS = 10_000;

    private final MessageStore store;
    private final InstantSource clock;
    private final Map<String, Series> series = new HashMap<>();

    Rates(MessageStore store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
    }

    private record Sample(long atMillis, long total) {}

    /** How much in a window. */
    record Window(long sum, double perSecond) {}

    /** Minute, hour and day. */
    record Windows(Window minute, Window hour, Window day) {}

    /** The samples of one key, oldest first. */
    private static final class Series {
        private final Deque<Sample> fine = new ArrayDeque<>();
        private final Deque<Sample> coarse = new ArrayDeque<>();

        void add(Sample sample) {
            fine.addLast(sample);
            Sample last = coarse.peekLast();
            if (last == null || sample.atMillis - last.atMillis >= FINE_MILLIS) {
                coarse.addLast(sample);
            }
            drop(fine, sample.atMillis - FINE_MILLIS - 2 * SAMPLE_EVERY.toMillis());
            drop(coarse, sample.atMillis - COARSE_MILLIS - FINE_MILLIS);
        }

        private static void drop(Deque<Sample> samples, long before) {
            while (samples.getFirst().atMillis < before) {
                samples.removeFirst();
            }
        }

        /** From the youngest sample that is as old as the window, or the oldest there is, to the newest. */
        Window over(Duration span) {
            Sample newest = fine.getLast();
            Sample from = newest;
            Deque<Sample> samples = span.toMillis() <= FINE_MILLIS ? fine : coarse;
            for (Sample sample : (Iterable<Sample>) samples::descendingIterator) {
                from = sample;
                if (newest.atMillis - sample.atMillis >= span.toMillis()) {
                    break;
                }
            }
            long sum = Math.max(0, newest.total - from.total);
            long millis = newest.atMillis - from.atMillis;
            return new Window(sum, millis <= 0 ? 0 : sum * 1000.0 / millis);
        }
    }

    /** Takes samples. Reads memory only. */
    @Override
    public void run() {
        long now = clock.millis();
        Map<String, Long> totals = new HashMap<>();
        long put = 0;
        for (TopicConfig topic : store.topics()) {
            long total = 0;
            for (int queue = 0; queue < Math.max(topic.readQueues(), topic.writeQueues()); queue++) {
                total += store.maxOffset(topic.name(), queue);
            }
            totals.put(key(TOPIC_PUT_NUMS, topic.name()), total);
            put += total;
        }
        long got = 0;
        for (GroupConfig group : store.groups()) {
            for (CommittedOffset offset : store.committedOffsets(group.name())) {
                totals.merge(key(GROUP_GET_NUMS, offset.topic() + "@" + group.name()), offset.offset(), Long::sum);
                got += offset.offset();
            }
        }
        totals.put(key(TOPIC_PUT_NUMS, ALL), put);
        totals.put(key(GROUP_GET_NUMS, ALL), got);
        add(now, totals);
    }

    private synchronized void add(long now, Map<String, Long> totals) {
        series.keySet().retainAll(totals.keySet());
        Set<String> missing = new HashSet<>(totals.keySet());
        missing.removeAll(series.keySet());
        missing.stream()
                .sorted()
                .limit(Math.max(0, MOST_KEYS - series.size()))
                .forEach(key -> series.put(key, new Series()));
        series.forEach((key, samples) -> samples.add(new Sample(now, totals.getOrDefault(key, 0L))));
    }

    /** What is known of a key, {@code null} for nothing. */
    synchronized @Nullable Windows of(String name, String key) {
        Series samples = series.get(key(name, key));
        return samples == null
                ? null
                : new Windows(
                        samples.over(Duration.ofMinutes(1)),
                        samples.over(Duration.ofHours(1)),
                        samples.over(Duration.ofDays(1)));
    }

    /** In the last minute. */
    double perSecond(String name, String key) {
        Windows windows = of(name, key);
        return windows == null ? 0 : windows.minute.perSecond;
    }

    /** The last 10, 60 and 600 seconds, separated by blanks, as brokers state their rates. */
    synchronized String threeRates(String name) {
        Series samples = series.get(key(name, ALL));
        return samples == null
                ? "0.0 0.0 0.0"
                : samples.over(SAMPLE_EVERY).perSecond + " " + samples.over(Duration.ofMinutes(1)).perSecond + " "
                        + samples.over(Duration.ofMinutes(10)).perSecond;
    }

    /** What all groups together went on to, as of the last sample. */
    synchronized long totalGot() {
        Series samples = series.get(key(GROUP_GET_NUMS, ALL));
        return samples == null ? 0 : samples.fine.getLast().total;
    }

    private static String key(String name, String key) {
        return name + ' ' + key;
    }
}
