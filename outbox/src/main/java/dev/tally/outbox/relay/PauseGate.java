package dev.tally.outbox.relay;

import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether people let messages go out. The table of pauses says so, and is read with the nodes at every heartbeat. Closed
 * until it was read once: a node that starts during a pause sends nothing. While the table cannot be read, what it said
 * last holds. Thread-safe.
 */
final class PauseGate {

    private static final Logger log = LoggerFactory.getLogger(PauseGate.class);

    private enum State {
        UNKNOWN,
        OPEN,
        PAUSED
    }

    private final String node;
    private final Runnable whenOpen;
    private final AtomicReference<State> state = new AtomicReference<>(State.UNKNOWN);

    PauseGate(String node, Runnable whenOpen) {
        this.node = node;
        this.whenOpen = whenOpen;
    }

    boolean isOpen() {
        return state.get() == State.OPEN;
    }

    /** What the table says. */
    void seen(boolean paused) {
        State before = state.getAndSet(paused ? State.PAUSED : State.OPEN);
        if (paused && before != State.PAUSED) {
            log.info("Outbox is paused: what is published waits node={}", node);
        } else if (!paused && before == State.PAUSED) {
            log.info("Outbox is not paused any more node={}", node);
        }
        if (!paused && before != State.OPEN) {
            whenOpen.run();
        }
    }
}
