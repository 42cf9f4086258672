package dev.tally.outbox.relay;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A duty that runs when signalled, never twice at once. A signal during a run makes it run once more, so no signal is
 * lost and none piles up.
 */
final class SerialTask {

    private static final Logger log = LoggerFactory.getLogger(SerialTask.class);

    private static final int MOST_RUNS = 16;

    private enum State {
        IDLE,
        RUNNING,
        AGAIN
    }

    private final String name;
    private final Executor executor;
    private final Runnable work;
    private final AtomicReference<State> state = new AtomicReference<>(State.IDLE);

    SerialTask(String name, Executor executor, Runnable work) {
        this.name = name;
        this.executor = executor;
        this.work = work;
    }

    void signal() {
        if (state.get() == State.AGAIN) {
            return;
        }
        State before = state.getAndUpdate(current -> current == State.IDLE ? State.RUNNING : State.AGAIN);
        if (before == State.IDLE) {
            executor.execute(this::run);
        }
    }

    private void run() {
        // Again on this thread, since another one would have to be woken up; but not for ever, since others wait.
        for (int runs = 0; runs < MOST_RUNS; runs++) {
            runOnce();
            if (state.compareAndSet(State.RUNNING, State.IDLE)) {
                return;
            }
        }
        executor.execute(this::run);
    }

    private void runOnce() {
        state.set(State.RUNNING);
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            // A duty handles what it expects; this is a defect. The next signal, at the latest the heartbeat's, goes
            // on.
            log.error("Outbox duty failed unexpectedly duty={}; it runs again at its next signal", name, e);
        }
    }
}
