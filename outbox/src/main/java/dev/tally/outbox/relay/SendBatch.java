package dev.tally.outbox.relay;

import dev.tally.message.Message;
import dev.tally.transport.SendOutcome;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands ready entries to the transport, in batches, and passes on what became of each. */
final class SendBatch {

    private static final Logger log = LoggerFactory.getLogger(SendBatch.class);

    private final RelayParts parts;
    private final Lanes lanes;
    private final Lease lease;
    private final PauseGate pause;
    private final Circuit circuit;
    private final CompleteBatch complete;
    private final RetryEntry retry;
    private final AtomicBoolean timerSet = new AtomicBoolean();
    private final SerialTask task;

    SendBatch(
            RelayParts parts,
            Lanes lanes,
            Lease lease,
            PauseGate pause,
            Circuit circuit,
            CompleteBatch complete,
            RetryEntry retry) {
        this.parts = parts;
        this.lanes = lanes;
        this.lease = lease;
        this.pause = pause;
        this.circuit = circuit;
        this.complete = complete;
        this.retry = retry;
        this.task = new SerialTask("send", parts.timers(), this::sendReady);
    }

    void signal() {
        task.signal();
    }

    private void sendReady() {
        while (lease.holds() && pause.isOpen()) {
            int permits = circuit.permits(parts.settings().sendBatch());
            if (permits == 0) {
                return;
            }
            List<HeldEntry> batch = lanes.take(permits);
            if (batch.isEmpty()) {
                circuit.unused();
                goOnWithTheBacklog();
                return;
            }
            send(batch);
        }
    }

    /** When its rate allows more of it. */
    private void goOnWithTheBacklog() {
        Duration wait = lanes.untilMore();
        if (wait != null && timerSet.compareAndSet(false, true)) {
            parts.timers().after(wait, () -> {
                timerSet.set(false);
                task.signal();
            });
        }
    }

    private void send(List<HeldEntry> batch) {
        List<Message> messages =
                batch.stream().map(held -> held.entry().message()).toList();
        List<CompletableFuture<SendOutcome>> outcomes;
        try {
            outcomes = parts.transport().send(messages);
        } catch (RuntimeException e) {
            log.warn(
                    "Transport threw instead of answering transport={}",
                    parts.transport().name(),
                    e);
            batch.forEach(held -> settle(held, null, e));
            return;
        }
        for (int i = 0; i < batch.size(); i++) {
            HeldEntry held = batch.get(i);
            // Handled in settle, whatever it is; nobody waits for the stage that this returns.
            CompletableFuture<SendOutcome> unused =
                    outcomes.get(i).whenComplete((outcome, failure) -> settle(held, outcome, failure));
        }
    }

    private void settle(HeldEntry held, @Nullable SendOutcome outcome, @Nullable Throwable thrown) {
        if (outcome instanceof SendOutcome.Sent) {
            lanes.sent(held);
            circuit.answered();
            complete.add(held);
            parts.listener().sent(held.entry());
        } else {
            lanes.failed(held);
            retry.failed(
                    held,
                    outcome instanceof SendOutcome.Failed failed
                            ? failed
                            : new SendOutcome.Failed(true, String.valueOf(thrown), thrown));
        }
        task.signal();
    }
}
