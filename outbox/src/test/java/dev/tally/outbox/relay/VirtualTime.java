package dev.tally.outbox.relay;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Time that moves only when told, and executors whose work runs on the test's thread when its time has come. */
final class VirtualTime implements InstantSource {

    private final PriorityQueue<Work> queue =
            new PriorityQueue<>(Comparator.comparing(Work::at).thenComparingLong(Work::sequence));
    private Process running;
    private Instant now = Instant.parse("2030-01-01T00:00:00Z");
    private long sequence;

    private record Work(Instant at, long sequence, Process process, Runnable work) {}

    @Override
    public Instant instant() {
        return now;
    }

    Process newProcess() {
        return new Process();
    }

    void after(Duration delay, Runnable work) {
        queue.add(new Work(now.plus(delay), sequence++, null, work));
    }

    /** Runs what is due, and moves on to what becomes due within {@code duration}. */
    void advance(Duration duration) {
        Instant end = now.plus(duration);
        while (!queue.isEmpty() && !queue.peek().at().isAfter(end)) {
            Work next = queue.remove();
            now = next.at().isAfter(now) ? next.at() : now;
            if (next.process() == null || next.process().alive) {
                if (next.process() != null && next.process().paused) {
                    next.process().held.add(next.work());
                } else {
                    Process before = running;
                    running = next.process();
                    next.work().run();
                    running = before;
                }
            }
        }
        now = end.isAfter(now) ? end : now;
    }

    /** Whose work is being run; {@code null} for nobody's. */
    Process running() {
        return running;
    }

    /** The threads of one process. */
    final class Process extends AbstractExecutorService implements ScheduledExecutorService {

        private boolean alive = true;
        private boolean paused;
        private final List<Runnable> held = new ArrayList<>();

        void kill() {
            alive = false;
        }

        boolean isAlive() {
            return alive;
        }

        boolean isPaused() {
            return paused;
        }

        /** Like SIGSTOP: time goes by, nothing runs. */
        void pause() {
            paused = true;
        }

        void wake() {
            paused = false;
            held.forEach(this::run);
            held.clear();
        }

        @Override
        public void execute(Runnable work) {
            schedule(work, 0, TimeUnit.NANOSECONDS);
        }

        /** Work of a thread of the application: not once the process is killed, and not while it is paused. */
        void run(Runnable work) {
            if (alive) {
                execute(work);
            }
        }

        @Override
        public ScheduledFuture<?> schedule(Runnable work, long delay, TimeUnit unit) {
            if (!alive) {
                throw new RejectedExecutionException("killed");
            }
            queue.add(new Work(now.plusNanos(unit.toNanos(delay)), sequence++, this, work));
            return new NoFuture();
        }

        @Override
        public <V> ScheduledFuture<V> schedule(Callable<V> work, long delay, TimeUnit unit) {
            throw new UnsupportedOperationException();
        }

        @Override
        public ScheduledFuture<?> scheduleAtFixedRate(Runnable work, long first, long period, TimeUnit unit) {
            throw new UnsupportedOperationException();
        }

        @Override
        public ScheduledFuture<?> scheduleWithFixedDelay(Runnable work, long first, long delay, TimeUnit unit) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void shutdown() {
            kill();
        }

        @Override
        public List<Runnable> shutdownNow() {
            kill();
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return !alive;
        }

        @Override
        public boolean isTerminated() {
            return !alive;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return true;
        }
    }

    private static final class NoFuture extends FutureTask<Void> implements ScheduledFuture<Void> {

        NoFuture() {
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
