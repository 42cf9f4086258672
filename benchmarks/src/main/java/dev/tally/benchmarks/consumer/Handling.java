package dev.tally.benchmarks.consumer;

import dev.tally.benchmarks.time.Timing;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * How long the transactions of handlers take, from their begin to the return of their commit. Those in which nothing was
 * handled do not count. Thread-safe; a transaction belongs to one thread.
 */
final class Handling {

    private static final int DIGITS = 3;

    private final Timing timing;
    private final Histogram byMessage = new ConcurrentHistogram(DIGITS);
    private final LongAdder transactions = new LongAdder();
    private final ThreadLocal<Open> open = ThreadLocal.withInitial(Open::new);

    Handling(Timing timing) {
        this.timing = timing;
    }

    private static final class Open {
        private long start;
        private int messages;
    }

    /** This thread begins a transaction. */
    void begins() {
        Open begun = open.get();
        begun.start = timing.nanos();
        begun.messages = 0;
    }

    /** A message is handled in this thread's transaction. */
    void handles() {
        open.get().messages++;
    }

    /** This thread's transaction has committed: each of its messages took as long as it did. */
    void committed() {
        Open ended = open.get();
        if (ended.messages > 0) {
            byMessage.recordValueWithCount(timing.nanos() - ended.start, ended.messages);
            transactions.increment();
        }
    }

    /** In nanoseconds, by message. */
    Histogram byMessage() {
        return byMessage;
    }

    /** In which something was handled. */
    long transactions() {
        return transactions.sum();
    }
}
