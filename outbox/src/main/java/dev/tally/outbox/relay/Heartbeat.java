package dev.tally.outbox.relay;

import dev.tally.outbox.OutboxStoreException;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says at every interval that this node is alive, and notices when others have found it dead. */
final class Heartbeat {

    private static final Logger log = LoggerFactory.getLogger(Heartbeat.class);

    private final RelayParts parts;
    private final String node;
    private final Lease lease;
    private final BooleanSupplier circuitClosed;
    private final Runnable atEveryBeat;
    private final Runnable whenFenced;
    private final SerialTask task;
    private volatile boolean closed;

    Heartbeat(
            RelayParts parts,
            String node,
            Lease lease,
            BooleanSupplier circuitClosed,
            Runnable atEveryBeat,
            Runnable whenFenced) {
        this.parts = parts;
        this.node = node;
        this.lease = lease;
        this.circuitClosed = circuitClosed;
        this.atEveryBeat = atEveryBeat;
        this.whenFenced = whenFenced;
        this.task = new SerialTask("heartbeat", parts.timers(), this::beat);
    }

    void start() {
        parts.timers().after(parts.settings().heartbeat(), this::next);
    }

    /** Does not wait for the next interval. */
    void now() {
        task.signal();
    }

    void close() {
        closed = true;
    }

    private void next() {
        if (!closed) {
            task.signal();
            start();
        }
    }

    private void beat() {
        if (closed) {
            return;
        }
        Instant before = parts.clock().instant();
        boolean alive;
        try {
            alive = parts.nodes().heartbeat(node, !circuitClosed.getAsBoolean());
        } catch (OutboxStoreException e) {
            log.warn("Outbox heartbeat not written node={}; sending stops when the lease ends", node, e);
            return;
        }
        if (closed) {
            return;
        }
        if (alive) {
            lease.renewed(before);
            atEveryBeat.run();
        } else {
            log.warn("Outbox node was found dead and is fenced node={}; it goes on under a new identity", node);
            whenFenced.run();
        }
    }
}
