package dev.tally.consume.dispatch;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.Delayed;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Time that moves only when told, a timer by it, and workers that run what they were given when told, in any order. */
final class ManualTime {

    private record Wake(long at, long number, Runnable work) {}

    private final PriorityQueue<Wake> wakes =
            new PriorityQueue<>(Comparator.comparingLong(Wake::at).thenComparingLong(Wake::number));
    private final List<Runnable> begun = new ArrayList<>();
    private long now = 1_000_000_000L;
    private long numbers;

    long nanoTime() {
        return now;
    }

    Executor workers() {
        return begun::add;
    }

    /** How many handlers have begun and not run. */
    int begun() {
        return begun.size();
    }

    /** Runs one of the handlers that have begun. */
    void runOne(Random random) {
        begun.remove(random.nextInt(begun.size())).run();
    }

    void runAll() {
        while (!begun.isEmpty()) {
            begun.remove(0).run();
        }
    }

    void advance(long nanos) {
        long end = now + nanos;
        while (!wakes.isEmpty() && wakes.peek().at() <= end) {
            Wake wake = wakes.remove();
            now = Math.max(now, wake.at());
            wake.work().run();
        }
        now = end;
    }

    ScheduledExecutorService timer() {
        return new ScheduledThreadPoolExecutor(0) {
            @Override
            public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
                wakes.add(new Wake(now + unit.toNanos(delay), numbers++, command));
                return new Scheduled();
            }
        };
    }

    private static final class Scheduled extends FutureTask<Void> implements ScheduledFuture<Void> {

        Scheduled() {
            super(() -> null);
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return 0;
        }

        @Override
        public int compareTo(Delayed other) {
            return 0;
        }
    }
}
