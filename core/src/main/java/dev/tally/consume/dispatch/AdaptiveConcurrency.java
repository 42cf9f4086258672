package dev.tally.consume.dispatch;

/**
 * How many handlers may run at once. With a backlog the number rises as long as more handlers bring more; when they do
 * not (the database or the processor is the limit), it goes back and stays for a while. Without one it sinks. Guarded by
 * {@link KeyedDispatcher}.
 */
final class AdaptiveConcurrency {

    static final long WINDOW_NANOS = 1_000_000_000L;

    /** More handlers have to bring so much more, or the step is taken back. */
    private static final double WORTH_IT = 1.03;

    private static final int WINDOWS_HELD = 10;

    private int min;
    private int max;
    private int now;
    private long windowEnd;
    private long handled;
    private boolean spare;
    private double before;
    private int step;
    private int held;

    AdaptiveConcurrency(int min, int max, long nanoTime) {
        this.min = min;
        this.max = max;
        this.now = min;
        this.windowEnd = nanoTime + WINDOW_NANOS;
    }

    int now() {
        return now;
    }

    int min() {
        return min;
    }

    int max() {
        return max;
    }

    void change(int newMin, int newMax) {
        min = newMin;
        max = newMax;
        now = Math.max(min, Math.min(max, now));
        step = 0;
        held = 0;
    }

    /** There was nothing to begin although another handler might have run. */
    void hadSpare() {
        spare = true;
    }

    /** Messages were handled; answers whether the number has changed. */
    boolean handled(int messages, long nanoTime) {
        handled += messages;
        if (min == max || nanoTime < windowEnd) {
            return false;
        }
        double throughput = handled / (double) (WINDOW_NANOS + nanoTime - windowEnd);
        int was = now;
        if (spare) {
            now = Math.max(min, now - 1);
            step = 0;
        } else if (step > 0 && throughput < before * WORTH_IT) {
            now = Math.max(min, now - step);
            step = 0;
            held = WINDOWS_HELD;
        } else if (held > 0) {
            held--;
        } else {
            step = Math.min(max - now, Math.max(1, now / 4));
            now += step;
        }
        before = throughput;
        handled = 0;
        spare = false;
        windowEnd = nanoTime + WINDOW_NANOS;
        return now != was;
    }
}
