package dev.tally.outbox.relay;

import dev.tally.message.Message;
import dev.tally.outbox.EntryHandOff;
import dev.tally.outbox.OutboxEntry;
import dev.tally.outbox.OutboxListener;
import dev.tally.outbox.OutboxNodes;
import dev.tally.outbox.OutboxSettings;
import dev.tally.outbox.OutboxStats;
import dev.tally.outbox.OutboxStore;
import dev.tally.outbox.OutboxStoreException;
import dev.tally.outbox.OutboxTableStats;
import dev.tally.publish.Settlement;
import dev.tally.transport.Transport;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what committed: takes entries from publishing transactions in memory, sends them in order for each key, removes
 * their rows when the broker has confirmed them, and takes over what dead nodes left.
 *
 * <p>Guarantees: a committed message is delivered at least once, whatever dies, whenever; one that did not commit is never
 * sent; messages with one key are first delivered in the order in which their transactions took effect, as long as one
 * node publishes for the key. A process that dies between the broker's confirmation and the removal of the row has the
 * message sent again.
 *
 * <p>While the relay does not run, publishing works, and the rows wait for the next relay that does. Thread-safe.
 *
 * @since 0.1
 */
public final class OutboxRelay implements EntryHandOff, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(OutboxRelay.class);

    private final RelayParts parts;
    private final Supplier<String> newNodeIds;
    private final Circuit circuit;
    private final SerialTask register;
    private final OpenTransactions unowned = new OpenTransactions();

    private volatile @Nullable Tenure current;
    private @Nullable Tenure fenced;
    private final List<OpenTransactions> earlier = new ArrayList<>();
    private volatile boolean running;
    private int failedRegistrations;

    private OutboxRelay(Builder builder) {
        Timers timers = new Timers(builder.scheduler);
        OutboxListener listener = new GuardedListener(builder.listener);
        this.parts = new RelayParts(
                builder.store,
                builder.nodes,
                builder.transport,
                builder.settings,
                listener,
                builder.clock,
                builder.random,
                timers);
        this.newNodeIds = builder.nodeIds;
        this.circuit = new Circuit(builder.settings, builder.random, timers, listener, this::signalSend);
        this.register = new SerialTask("register", timers, this::register);
    }

    /**
     * Begins a relay.
     *
     * @param store the tables of entries and of nodes
     * @param transport where messages go
     * @param scheduler runs the duties, with at least four threads; belongs to the caller, who shuts it down after
     *     {@link #close}
     * @param clock for leases; must not be set back
     * @param random for jitter
     * @param nodeIds unique names of nodes, at most 90 characters, beginning with a letter or digit
     */
    public static <S extends OutboxStore & OutboxNodes> Builder over(
            S store,
            Transport transport,
            ScheduledExecutorService scheduler,
            InstantSource clock,
            RandomGenerator random,
            Supplier<String> nodeIds) {
        return new Builder(store, store, transport, scheduler, clock, random, nodeIds);
    }

    /** Starts to send. Registers the node in the background until that succeeds; what is published before waits in the table. */
    public synchronized void start() {
        if (!running) {
            running = true;
            register.signal();
        }
    }

    /**
     * Stops: takes no more entries in memory, waits for those it has, for the settings' drain limit at most, and releases
     * the rest so that another node can send it at once.
     */
    @Override
    public void close() {
        Tenure last;
        synchronized (this) {
            if (!running) {
                return;
            }
            running = false;
            last = current;
            current = null;
        }
        if (last == null) {
            return;
        }
        boolean drained = false;
        try {
            drained = last.drain();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        last.close(true);
        synchronized (this) {
            earlier.add(last.openTransactions());
        }
        try {
            parts.nodes().release(last.node());
        } catch (OutboxStoreException e) {
            log.warn(
                    "Outbox node not released node={}; others take over when its heartbeat has expired",
                    last.node(),
                    e);
        }
        log.info("Outbox relay stopped node={} drained={}", last.node(), drained);
    }

    @Override
    public Admission admit(List<Message> messages) {
        Tenure tenure = current;
        return tenure == null ? new Unowned() : tenure.admit(messages);
    }

    /** How the outbox is doing. Counts the rows of the table: not for every second. */
    public OutboxStats stats() {
        OutboxTableStats table = parts.store().stats();
        Tenure tenure = current;
        return new OutboxStats(
                tenure == null ? 0 : tenure.pendingInMemory(),
                table.pending(),
                table.parked(),
                table.oldestPending(),
                circuit.isClosed());
    }

    private void signalSend() {
        Tenure tenure = current;
        if (tenure != null) {
            tenure.signalSend();
        }
    }

    private void register() {
        if (!running || current != null) {
            return;
        }
        String node = newNodeIds.get();
        Instant before = parts.clock().instant();
        try {
            parts.nodes()
                    .register(
                            node,
                            Tenure.spillOwnerOf(node),
                            fenced == null ? parts.settings().instance() : null);
        } catch (OutboxStoreException e) {
            failedRegistrations++;
            Duration delay = parts.delay(failedRegistrations);
            log.warn("Outbox node not registered node={} nextAttemptInMillis={}", node, delay.toMillis(), e);
            parts.timers().after(delay, register::signal);
            return;
        }
        failedRegistrations = 0;
        begin(node, before);
    }

    private void begin(String node, Instant registeredAt) {
        Tenure old;
        Tenure tenure;
        synchronized (this) {
            if (!running) {
                return;
            }
            old = fenced;
            fenced = null;
            earlier.removeIf(OpenTransactions::isNone);
            List<OpenTransactions> before = new ArrayList<>(earlier);
            before.add(unowned);
            tenure = new Tenure(parts, node, registeredAt, circuit, before, this::whenFenced);
            current = tenure;
        }
        log.info("Outbox relay runs node={}", node);
        if (old != null) {
            parts.listener().fenced(old.node(), node);
        }
        tenure.start();
    }

    private void whenFenced() {
        synchronized (this) {
            Tenure tenure = current;
            if (tenure == null) {
                return;
            }
            current = null;
            fenced = tenure;
            earlier.add(tenure.openTransactions());
            tenure.close(false);
        }
        register.signal();
    }

    /** A transaction while no tenure runs: its rows belong to nobody. */
    private final class Unowned implements Admission, Settlement {

        Unowned() {
            unowned.opened();
        }

        @Override
        public String owner() {
            return OutboxStore.UNOWNED;
        }

        @Override
        public Settlement inserted(List<OutboxEntry> entries) {
            entries.forEach(parts.listener()::stored);
            return this;
        }

        @Override
        public void abandoned() {
            unowned.ended();
        }

        @Override
        public void committed() {
            unowned.ended();
        }

        @Override
        public void rolledBack() {
            unowned.ended();
        }

        @Override
        public void unknown() {
            unowned.ended();
        }
    }

    /** Collects the optional parts of a relay. Not thread-safe. */
    public static final class Builder {

        private final OutboxStore store;
        private final OutboxNodes nodes;
        private final Transport transport;
        private final ScheduledExecutorService scheduler;
        private final InstantSource clock;
        private final RandomGenerator random;
        private final Supplier<String> nodeIds;
        private OutboxSettings settings = OutboxSettings.defaults();
        private OutboxListener listener = new OutboxListener() {};

        private Builder(
                OutboxStore store,
                OutboxNodes nodes,
                Transport transport,
                ScheduledExecutorService scheduler,
                InstantSource clock,
                RandomGenerator random,
                Supplier<String> nodeIds) {
            this.store = store;
            this.nodes = nodes;
            this.transport = transport;
            this.scheduler = scheduler;
            this.clock = clock;
            this.random = random;
            this.nodeIds = nodeIds;
        }

        /** {@link OutboxSettings#defaults()} by default. */
        public Builder settings(OutboxSettings settings) {
            this.settings = settings;
            return this;
        }

        /** Nobody by default. */
        public Builder listener(OutboxListener listener) {
            this.listener = listener;
            return this;
        }

        /** The relay, not started. */
        public OutboxRelay build() {
            return new OutboxRelay(this);
        }
    }
}
