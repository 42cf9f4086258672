package dev.tally.outbox.relay;

import dev.tally.outbox.OutboxEntry;
import dev.tally.outbox.OutboxListener;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps what a listener throws away from the relay. */
final class GuardedListener implements OutboxListener {

    private static final Logger log = LoggerFactory.getLogger(GuardedListener.class);

    private final OutboxListener listener;

    GuardedListener(OutboxListener listener) {
        this.listener = listener;
    }

    @Override
    public void stored(OutboxEntry entry) {
        tell("stored", () -> listener.stored(entry));
    }

    @Override
    public void sent(OutboxEntry entry) {
        tell("sent", () -> listener.sent(entry));
    }

    @Override
    public void completed(OutboxEntry entry) {
        tell("completed", () -> listener.completed(entry));
    }

    @Override
    public void retried(OutboxEntry entry, int attempts, Duration delay, String reason) {
        tell("retried", () -> listener.retried(entry, attempts, delay, reason));
    }

    @Override
    public void parked(OutboxEntry entry, int attempts, String reason) {
        tell("parked", () -> listener.parked(entry, attempts, reason));
    }

    @Override
    public void takenOver(String fromNode) {
        tell("takenOver", () -> listener.takenOver(fromNode));
    }

    @Override
    public void fenced(String oldNode, String newNode) {
        tell("fenced", () -> listener.fenced(oldNode, newNode));
    }

    @Override
    public void circuitOpened(String reason) {
        tell("circuitOpened", () -> listener.circuitOpened(reason));
    }

    @Override
    public void circuitClosed() {
        tell("circuitClosed", listener::circuitClosed);
    }

    private static void tell(String event, Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            log.warn("Outbox listener failed event={}; the relay goes on", event, e);
        }
    }
}
