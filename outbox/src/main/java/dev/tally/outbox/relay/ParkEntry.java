package dev.tally.outbox.relay;

import dev.tally.outbox.BlockedKey;
import dev.tally.outbox.OutboxEntry;
import dev.tally.outbox.OutboxStoreException;
import dev.tally.outbox.PoisonPolicy;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives entries up: their rows wait for a person, with the reason, and their keys go on, or wait as well, by the poison
 * policy. Bounded by what is in memory.
 */
final class ParkEntry {

    private static final Logger log = LoggerFactory.getLogger(ParkEntry.class);

    private final RelayParts parts;
    private final String node;
    private final Lanes lanes;
    private final Runnable send;
    private final Runnable whenRefused;
    private final Queue<GivenUp> queue = new ConcurrentLinkedQueue<>();
    private final SerialTask task;
    private int storeFailures;

    /**
     * Creates the duty.
     *
     * @param whenRefused told when a key could not be blocked, because others may keep its lane now
     */
    ParkEntry(RelayParts parts, String node, Lanes lanes, Runnable send, Runnable whenRefused) {
        this.parts = parts;
        this.node = node;
        this.lanes = lanes;
        this.send = send;
        this.whenRefused = whenRefused;
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
        HeldEntry held = givenUp.held();
        OutboxEntry entry = held.entry();
        int attempts = givenUp.attempts();
        String reason = givenUp.reason();
        BlockedKey mark = markOf(held);
        boolean parked;
        if (mark == null) {
            parked = parts.store().park(node, held.epoch(), entry.owner(), entry.id(), attempts, reason);
            lanes.givenUp(held);
        } else {
            parked = parts.waiting().block(node, held.epoch(), entry, attempts, reason);
            if (parked) {
                lanes.blocked(held, mark);
            } else {
                lanes.notBlocked(held);
                whenRefused.run();
            }
        }
        if (parked) {
            log.error(
                    "Outbox entry parked id={} messageId={} topic={} attempts={} reason={} keyWaits={}; resume or discard"
                            + " it",
                    entry.id(),
                    entry.message().id(),
                    entry.message().destination().topic(),
                    attempts,
                    reason,
                    mark != null);
            parts.listener().parked(entry, attempts, reason);
        } else {
            log.info("Outbox entry not parked: its row is gone or kept by another node id={}", entry.id());
        }
        send.run();
    }

    /** How its key is blocked; {@code null} if it goes on. */
    private @Nullable BlockedKey markOf(HeldEntry held) {
        String lane = held.lane();
        String key = held.key();
        String topic = held.entry().message().destination().topic();
        if (lane == null || key == null || parts.settings().poisonPolicyOf(topic) != PoisonPolicy.BLOCK) {
            return null;
        }
        return new BlockedKey(held.id(), lane, key, false);
    }
}
