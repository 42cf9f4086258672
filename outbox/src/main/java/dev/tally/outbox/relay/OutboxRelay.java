package dev.tally.outbox.relay;

import dev.tally.message.Message;
import dev.tally.outbox.EntryHandOff;
import dev.tally.outbox.OutboxEntry;
import dev.tally.outbox.OutboxLanesException;
import dev.tally.outbox.OutboxListener;
import dev.tally.outbox.OutboxNodes;
import dev.tally.outbox.OutboxNotJoinedException;
import dev.tally.outbox.OutboxRetryRules;
import dev.tally.outbox.OutboxSettings;
import dev.tally.outbox.OutboxStats;
import dev.tally.outbox.OutboxStore;
import dev.tally.outbox.OutboxStoreException;
import dev.tally.outbox.OutboxTableStats;
import dev.tally.outbox.WaitingRows;
import dev.tally.outbox.relay.MemberGate.Outcome;
import dev.tally.publish.Settlement;
import dev.tally.transport.Transport;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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
 * sent; messages with one key are first delivered in the order in which their transactions took effect, whichever nodes
 * they ran on. A process that dies between the broker's confirmation and the removal of the row has the message sent again.
 *
 * <p>Messages with keys can be published once the other nodes know of this one, usually within a heartbeat of
 * {@link #start}, and not while the database has not heard of this node for so long that others may have taken it for
 * dead. Publishing waits for that, up to the settings' join limit, and for as long as this node reaches the database: in
 * its transaction it holds a connection, which the heartbeat may be waiting for.
 *
 * <p>While the relay does not run, publishing works, and the rows wait for the next relay that does; their order is kept
 * among themselves, not with what other nodes publish meanwhile. Thread-safe.
 *
 * @since 0.1
 */
public final class OutboxRelay implements EntryHandOff, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(OutboxRelay.class);

    private final RelayParts parts;
    private final Supplier<String> newNodeIds;
    private final Circuit circuit;
    private final SerialTask register;
    private final MemberGate memberGate = new MemberGate();
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
                builder.waiting,
                builder.transport,
                builder.settings,
                builder.rules,
                listener,
                builder.clock,
                builder.random,
                timers,
                new LaneNames(builder.settings.lanes()));
        this.newNodeIds = builder.nodeIds;
        this.circuit =
                new Circuit(builder.settings, builder.random, timers, listener, this::outageOver, this::signalSend);
        this.register = new SerialTask("register", timers, this::register);
    }

    /**
     * Begins a relay.
     *
     * @param store the tables of entries, of nodes, and of blocked keys
     * @param transport where messages go
     * @param scheduler runs the duties, with at least four threads; belongs to the caller, who shuts it down after
     *     {@link #close}
     * @param clock for leases: best one that only counts on. One that is set back or forward ends this node's lease until
     *     its next heartbeat, and where it is set back by less than a heartbeat, no more than that much late
     * @param random for jitter
     * @param nodeIds unique names of nodes, at most 90 characters, beginning with a letter or digit
     */
    public static <S extends OutboxStore & OutboxNodes & WaitingRows> Builder over(
            S store,
            Transport transport,
            ScheduledExecutorService scheduler,
            InstantSource clock,
            RandomGenerator random,
            Supplier<String> nodeIds) {
        return new Builder(store, store, store, transport, scheduler, clock, random, nodeIds);
    }

    /**
     * Starts to send. Registers the node in the background until that succeeds; what is published before waits in the
     * table.
     *
     * @throws dev.tally.outbox.OutboxLanesException if the nodes before this one had another number of lanes
     */
    public synchronized void start() {
        if (!running) {
            try {
                parts.nodes().requireLanes(parts.settings().lanes());
            } catch (OutboxStoreException e) {
                log.warn("Number of outbox lanes not checked; it is checked when the node registers", e);
            }
            running = true;
            register.signal();
        }
    }

    /**
     * Waits until messages with keys can be published without waiting.
     *
     * @return whether they can; false after {@code limit}, or if the relay does not run
     */
    public boolean awaitJoined(Duration limit) throws InterruptedException {
        return memberGate.await(() -> !running || isMember(current), limit) && running;
    }

    private static boolean isMember(@Nullable Tenure tenure) {
        return tenure != null && tenure.isMember();
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
        memberGate.changed();
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
        Set<Message> scheduled = parts.scheduled(messages);
        if (running && messages.stream().anyMatch(message -> message.key() != null && !scheduled.contains(message))) {
            requireMember(messages);
        }
        Tenure tenure = current;
        return tenure == null ? new Unowned(scheduled) : tenure.admit(messages, scheduled);
    }

    /** Others read the lanes only as far as they know who writes there: who they do not know of must wait. */
    private void requireMember(List<Message> messages) {
        Tenure tenure = current;
        if (isMember(tenure)) {
            return;
        }
        if (tenure != null) {
            tenure.renew();
        }
        Duration limit = parts.settings().joinLimit();
        Duration patience = parts.settings().joinPatience();
        Outcome outcome = Outcome.LATE;
        try {
            outcome = memberGate.awaitInTransaction(() -> !running || isMember(current), limit, patience);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (outcome != Outcome.MEMBER) {
            throw new OutboxNotJoinedException("Cannot publish " + messages.size() + " messages, the first is "
                    + messages.get(0).id() + ": "
                    + (outcome == Outcome.CUT_OFF
                            ? "this node of the outbox has not reached the database for " + patience
                                    + "; it is down, or the pool has no connection for the heartbeat, which transactions"
                                    + " that wait here would keep from it"
                            : "within " + limit + " the other nodes of the outbox have not seen this one, or its"
                                    + " heartbeat could not be written")
                    + (tenure == null ? "; the node is not registered" : "; the node is " + tenure.node())
                    + "; the transaction rolls back and may be tried again");
        }
    }

    private void heardFromDatabase() {
        memberGate.heard(isMember(current));
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

    private void outageOver() {
        Tenure tenure = current;
        if (tenure != null) {
            tenure.outageOver();
        }
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
        long generation;
        try {
            generation = parts.nodes()
                    .register(
                            node,
                            Tenure.spillOwnerOf(node),
                            fenced == null ? parts.settings().instance() : null,
                            parts.settings().lanes());
        } catch (OutboxLanesException e) {
            log.error("Outbox node cannot join node={}; messages with keys are refused", node, e);
            parts.timers().after(parts.settings().nodeExpiry(), register::signal);
            return;
        } catch (OutboxStoreException e) {
            failedRegistrations++;
            Duration delay = parts.delay(failedRegistrations);
            log.warn("Outbox node not registered node={} nextAttemptInMillis={}", node, delay.toMillis(), e);
            parts.timers().after(delay, register::signal);
            return;
        }
        failedRegistrations = 0;
        begin(node, before, generation);
    }

    private void begin(String node, Instant registeredAt, long generation) {
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
            tenure = new Tenure(
                    parts, node, registeredAt, generation, circuit, before, this::whenFenced, this::heardFromDatabase);
            current = tenure;
        }
        log.info("Outbox relay runs node={}", node);
        heardFromDatabase();
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

    /** A transaction while no tenure runs: its rows belong to nobody, or to whoever keeps their lanes. */
    private final class Unowned implements Admission, Settlement {

        private final Set<Message> scheduled;

        Unowned(Set<Message> scheduled) {
            this.scheduled = scheduled;
            unowned.opened();
        }

        @Override
        public String owner(Message message) {
            if (scheduled.contains(message)) {
                return WaitingRows.SCHEDULED;
            }
            String key = message.key();
            return key == null ? OutboxStore.UNOWNED : parts.laneNames().of(key);
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
        private final WaitingRows waiting;
        private final Transport transport;
        private final ScheduledExecutorService scheduler;
        private final InstantSource clock;
        private final RandomGenerator random;
        private final Supplier<String> nodeIds;
        private OutboxSettings settings = OutboxSettings.defaults();
        private OutboxRetryRules rules = OutboxRetryRules.defaults();
        private OutboxListener listener = new OutboxListener() {};

        private Builder(
                OutboxStore store,
                OutboxNodes nodes,
                WaitingRows waiting,
                Transport transport,
                ScheduledExecutorService scheduler,
                InstantSource clock,
                RandomGenerator random,
                Supplier<String> nodeIds) {
            this.store = store;
            this.nodes = nodes;
            this.waiting = waiting;
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

        /** {@link OutboxRetryRules#defaults()} by default. */
        public Builder retryRules(OutboxRetryRules rules) {
            this.rules = rules;
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
