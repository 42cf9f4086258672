package dev.tally.outbox.relay;

import dev.tally.outbox.OutboxEntry;
import dev.tally.outbox.OutboxStoreException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives entries up: their rows wait for a person, with the reason, and their keys go on. Bounded by what is in memory. */
final class ParkEntry {

    private static final Logger log = LoggerFactory.getLogger(ParkEntry.class);

    private final RelayParts parts;
    private final String node;
    private final Lanes lanes;
    private final Runnable send;
    private final Queue<GivenUp> queue = new ConcurrentLinkedQueue<>();
    private final SerialTask task;
    private int storeFailures;

    ParkEntry(RelayParts parts, String node, Lanes lanes, Runnable send) {
        this.parts = parts;
        this.node = node;
        this.lanes = lanes;
        this.send = send;
        this.task = new SerialTask("park", parts.timers(), this::parkQueued);
    }

    private record GivenUp(HeldEntry held, int attempts, String reason) {}

    void add(HeldEntry held, int attempts, String reason) {
        queue.add(new GivenUp(held, attempts, reason));
        task.signal();
    }

    private void parkQueued() {
        GivenUp next = queue.peek();
        while (next != null) {
            try {
                park(next);
                storeFailures = 0;
            } catch (OutboxStoreException e) {
                storeFailures++;
                var delay = parts.delay(storeFailures);
                log.warn(
                        "Outbox entry not parked id={} nextAttemptInMillis={}",
                        next.held().id(),
                        delay.toMillis(),
                        e);
                parts.timers().after(delay, task::signal);
                return;
            }
            queue.remove();
            next = queue.peek();
        }
    }

    private void park(GivenUp givenUp) {
        OutboxEntry entry = givenUp.held().entry();
        boolean parked = parts.store().park(node, entry.owner(), entry.id(), givenUp.attempts(), givenUp.reason());
        lanes.givenUp(givenUp.held());
        if (parked) {
            log.error(
                    "Outbox entry parked id={} messageId={} topic={} attempts={} reason={}; resume or discard it",
                    entry.id(),
                    entry.message().id(),
                    entry.message().destination().topic(),
                    givenUp.attempts(),
                    givenUp.reason());
            parts.listener().parked(entry, givenUp.attempts(), givenUp.reason());
        } else {
            log.info("Outbox entry not parked: its row is gone or kept by another node id={}", entry.id());
        }
        send.run();
    }
}
