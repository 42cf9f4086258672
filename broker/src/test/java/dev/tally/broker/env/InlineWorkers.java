package dev.tally.broker.env;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;

/** Runs everything on the calling thread; the writer can be held, so that several submissions become one batch. */
public final class InlineWorkers implements Workers {

    private final Deque<Runnable> held = new ArrayDeque<>();
    private final List<Runnable> periodic = new ArrayList<>();
    private boolean holding;

    @Override
    public Executor writer() {
        return task -> {
            if (holding) {
                held.add(task);
            } else {
                task.run();
            }
        };
    }

    public void hold() {
        holding = true;
    }

    public void release() {
        holding = false;
        while (!held.isEmpty()) {
            held.remove().run();
        }
    }

    @Override
    public Executor background() {
        return Runnable::run;
    }

    @Override
    public Executor maintenance() {
        return Runnable::run;
    }

    @Override
    public void every(Duration pause, Runnable task) {
        periodic.add(task);
    }

    /** Runs what is to be repeated, once. */
    public void tick() {
        periodic.forEach(Runnable::run);
    }

    @Override
    public void close() {
        release();
    }
}
