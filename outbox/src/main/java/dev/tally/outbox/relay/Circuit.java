package dev.tally.outbox.relay;

import dev.tally.outbox.OutboxListener;
import dev.tally.outbox.OutboxSettings;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a dead broker from being asked by every key. CLOSED: everything passes. Retryable failures one after the other
 * make it OPEN: nothing passes. After a wait it lets one message PROBE: an answer closes it, a failure opens it again with a
 * longer wait. Thread-safe.
 */
final class Circuit {

    private static final Logger log = LoggerFactory.getLogger(Circuit.class);

    private enum State {
        CLOSED,
        OPEN,
        PROBE_DUE,
        PROBING
    }

    private final OutboxSettings settings;
    private final RandomGenerator random;
    private final Timers timers;
    private final OutboxListener listener;
    private final Runnable beforeItCloses;
    private final Runnable onChange;

    private State state = State.CLOSED;
    private int failuresInARow;
    private int timesOpened;

    /**
     * Creates a closed one.
     *
     * @param beforeItCloses told when the broker takes messages again, before anything more is sent; at times twice
     * @param onChange told when something may be sent again
     */
    Circuit(
            OutboxSettings settings,
            RandomGenerator random,
            Timers timers,
            OutboxListener listener,
            Runnable beforeItCloses,
            Runnable onChange) {
        this.settings = settings;
        this.random = random;
        this.timers = timers;
        this.listener = listener;
        this.beforeItCloses = beforeItCloses;
        this.onChange = onChange;
    }

    /** How many messages may be sent now, {@code wanted} at most. What is allowed and not used is given back. */
    synchronized int permits(int wanted) {
        return switch (state) {
            case CLOSED -> wanted;
            case OPEN, PROBING -> 0;
            case PROBE_DUE -> {
                state = State.PROBING;
                yield 1;
            }
        };
    }

    synchronized void unused() {
        if (state == State.PROBING) {
            state = State.PROBE_DUE;
        }
    }

    synchronized boolean isClosed() {
        return state == State.CLOSED;
    }

    /** The broker answered, with a confirmation or a final refusal. */
    void answered() {
        synchronized (this) {
            failuresInARow = 0;
            timesOpened = 0;
            if (state == State.CLOSED) {
                return;
            }
        }
        beforeItCloses.run();
        synchronized (this) {
            if (state == State.CLOSED) {
                return;
            }
            state = State.CLOSED;
        }
        log.info("Outbox circuit closed: the broker takes messages again");
        listener.circuitClosed();
        onChange.run();
    }

    /**
     * A message failed and may be tried again.
     *
     * @return whether the failure is the message's own: not while the broker seems to be down
     */
    boolean failed(String reason) {
        Duration wait;
        boolean counts;
        synchronized (this) {
            counts = state == State.CLOSED;
            failuresInARow++;
            boolean open = state == State.PROBING || (counts && failuresInARow >= settings.circuitFailures());
            if (!open) {
                return counts;
            }
            state = State.OPEN;
            timesOpened++;
            wait = settings.retry().delay(timesOpened, random);
        }
        log.warn("Outbox circuit open reason={} nextProbeInMillis={}", reason, wait.toMillis());
        if (counts) {
            listener.circuitOpened(reason);
        }
        timers.after(wait, this::probeDue);
        return counts;
    }

    private void probeDue() {
        synchronized (this) {
            if (state != State.OPEN) {
                return;
            }
            state = State.PROBE_DUE;
        }
        onChange.run();
    }
}
