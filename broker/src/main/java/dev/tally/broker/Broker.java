package dev.tally.broker;

import dev.tally.broker.access.AccessControl;
import dev.tally.broker.admin.AdminView;
import dev.tally.broker.admin.Metric;
import dev.tally.broker.admin.StatusServer;
import dev.tally.broker.env.SystemClock;
import dev.tally.broker.net.FrameServer;
import dev.tally.broker.net.ServerLimits;
import dev.tally.broker.net.Tls;
import dev.tally.broker.request.RepeatPolicy;
import dev.tally.broker.request.RequestGate;
import dev.tally.broker.request.ServerSettings;
import dev.tally.broker.server.BrokerCore;
import dev.tally.broker.store.FlushMode;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.StoreStats;
import dev.tally.broker.watch.FileWatch;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running broker: RocketMQ's name server and broker behind one port. What it acknowledges is on disk, fsynced, unless a
 * topic says otherwise.
 *
 * <p>Several can run in one process, each on its own data directory. Its threads are daemons. Thread-safe.
 *
 * @since 0.1
 */
public final class Broker implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Broker.class);
    private static final int MAX_FRAME_OVERHEAD_BYTES = 1024 * 1024;
    private static final int MAX_PENDING_WRITE_BYTES = 64 * 1024 * 1024;
    private static final int PENDING_SHARE_OF_MEMORY = 4;
    private static final int MAX_WAITING_READS = 20_000;
    private static final long CHECK_ROUND_MILLIS = 200;

    private final BrokerConfig config;
    private final MessageStore store;
    private final ThreadPoolExecutor reads;
    private final ScheduledThreadPoolExecutor scheduler;
    private final AtomicBoolean closed = new AtomicBoolean();
    private @Nullable FrameServer server;
    private @Nullable BrokerCore core;
    private @Nullable StatusServer admin;
    private @Nullable BrokerMetrics metrics;
    private @Nullable ScheduledThreadPoolExecutor watching;

    private Broker(BrokerConfig config, MessageStore store) {
        this.config = config;
        this.store = store;
        int readers = Math.max(2, Math.min(16, Runtime.getRuntime().availableProcessors() * 2));
        reads = new ThreadPoolExecutor(
                readers,
                readers,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MAX_WAITING_READS),
                daemons("tally-broker-read"));
        scheduler = new ScheduledThreadPoolExecutor(1, daemons("tally-broker-timer"));
        scheduler.setRemoveOnCancelPolicy(true);
        scheduler.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /**
     * Starts a broker; returns when clients can connect.
     *
     * @throws BrokerStartException where it cannot: the port or the data directory is in use, or cannot be used
     */
    public static Broker start(BrokerConfig config) {
        return start(config, BrokerStore.open(config));
    }

    /** Starts on a store that the broker owns from now on. */
    static Broker start(BrokerConfig config, MessageStore store) {
        Broker broker = new Broker(config, store);
        try {
            broker.listen();
            return broker;
        } catch (IOException | RuntimeException | Error e) {
            // An error as well: without file descriptors, not even classes can be loaded.
            broker.close();
            throw new BrokerStartException(FailureReason.of(e), e);
        }
    }

    private void listen() throws IOException {
        SystemClock machine = new SystemClock();
        InstantSource clock = () -> Instant.ofEpochMilli(machine.millis());
        FileWatch watch = new FileWatch();
        Tls tls = watch.open("TLS", config.tls().files(), () -> new Tls(config.tls(), clock), opened -> opened::reload);
        Optional<AccessControl> access = accessControl(watch, clock);
        // The port is part of routes and message ids, so the socket comes before the handlers and hands over to them.
        LateListener late = new LateListener();
        FrameServer listening =
                FrameServer.listen(new InetSocketAddress(config.host(), config.port()), limits(), tls, late);
        server = listening;
        ServerSettings settings =
                settings(config.advertisedPort().orElse(listening.address().getPort()));
        RequestGate gate = access.isPresent() ? access.get() : RequestGate.OPEN;
        BrokerCore ready = new BrokerCore(store, settings, reads, scheduler, clock, new SecureRandom(), gate);
        metrics = new BrokerMetrics(
                store,
                ready,
                () -> new BrokerMetrics.Edge(
                        listening.connectionCount(),
                        listening.refusedConnections(),
                        listening.pendingBytes(),
                        access.map(AccessControl::refused).orElse(0L),
                        tls.expires().map(Instant::getEpochSecond).orElse(0L)));
        core = ready;
        serveStatus(ready, listening);
        late.handOverTo(ready.listener());
        ready.startCheckBacks(scheduler, CHECK_ROUND_MILLIS);
        ready.startReceiving(scheduler);
        startWatching(watch);
        log.info(
                "Broker started; address={} data={} tls={} accounts={}",
                address(),
                config.dataDirectory(),
                config.tls().mode(),
                config.accounts().isPresent());
    }

    private Optional<AccessControl> accessControl(FileWatch watch, InstantSource clock) throws IOException {
        if (config.accounts().isEmpty()) {
            return Optional.empty();
        }
        Path file = config.accounts().get();
        return Optional.of(watch.open(
                "accounts",
                List.of(file),
                () -> new AccessControl(file, store::messageAt, reads, clock),
                opened -> opened::reload));
    }

    /** On a thread of its own: the timer's must not read files. */
    private void startWatching(FileWatch watch) {
        if (config.accounts().isPresent() || !config.tls().files().isEmpty()) {
            watching = new ScheduledThreadPoolExecutor(1, daemons("tally-broker-watch"));
            long millis = config.reloadInterval().toMillis();
            var unused = watching.scheduleWithFixedDelay(watch, millis, millis, TimeUnit.MILLISECONDS);
        }
    }

    private void serveStatus(BrokerCore ready, FrameServer listening) throws IOException {
        if (config.adminPort().isEmpty()) {
            return;
        }
        InetSocketAddress bindTo =
                new InetSocketAddress(config.adminHost(), config.adminPort().getAsInt());
        if (config.backups().isPresent()
                && !bindTo.isUnresolved()
                && !bindTo.getAddress().isLoopbackAddress()) {
            throw new IOException("Cannot let the admin port write backups on " + bindTo
                    + ": it has no authentication, so that is for loopback only");
        }
        BrokerStatus status = new BrokerStatus(store, ready);
        AdminView view = new AdminView() {
            @Override
            public Map<String, Object> status() {
                return status.toJson(version(), address(), durability(), listening.connectionCount());
            }

            @Override
            public List<Metric> metrics() {
                return Objects.requireNonNull(metrics).all();
            }

            @Override
            public Health health() {
                return switch (ready.storage().state()) {
                    case OK -> Health.UP;
                    case REFUSING -> Health.REFUSING;
                    case FAILED -> Health.DOWN;
                };
            }
        };
        admin = StatusServer.listen(bindTo, view);
        if (config.backups().isPresent()) {
            admin.allowBackups(config.backups().get(), store::backup);
        }
    }

    private ServerSettings settings(int advertisedPort) throws IOException {
        return new ServerSettings(
                config.brokerName(),
                config.cluster(),
                config.advertisedHost() + ":" + advertisedPort,
                new InetSocketAddress(resolved(config.advertisedHost()), advertisedPort),
                config.autoCreateTopics(),
                config.defaultQueues(),
                config.maxMessageBytes(),
                config.delayLevels(),
                new RepeatPolicy(config.rememberedSends(), config.rememberSendsFor()));
    }

    private ServerLimits limits() {
        return new ServerLimits(
                config.maxMessageBytes() + MAX_FRAME_OVERHEAD_BYTES,
                config.maxConnections(),
                config.maxConnectionsPerAddress(),
                config.idleTimeout(),
                config.frameTimeout(),
                config.writeTimeout(),
                MAX_PENDING_WRITE_BYTES,
                Math.max(MAX_PENDING_WRITE_BYTES, Runtime.getRuntime().maxMemory() / PENDING_SHARE_OF_MEMORY));
    }

    /** Where clients reach it: {@code host:port}, also as their name server address. */
    public String address() {
        int listening = Objects.requireNonNull(server).address().getPort();
        return config.advertisedHost() + ":" + config.advertisedPort().orElse(listening);
    }

    /** Where the status page is, empty without one. */
    public Optional<InetSocketAddress> adminAddress() {
        return Optional.ofNullable(admin).map(StatusServer::address);
    }

    /** What an acknowledgement about a new topic's messages means. */
    String durability() {
        return config.flush() == FlushMode.SYNC
                ? "fsync before acknowledgement"
                : "write before acknowledgement, fsync within 200 ms (a power cut may take that; new topics)";
    }

    /**
     * Copies everything to a new directory, from which another broker can be started, while this one goes on. What was
     * acknowledged before the call is in the copy.
     *
     * @param target a directory that does not exist yet
     * @return the bytes of the log in the copy
     * @throws IOException where the directory exists or cannot be written; what is left behind is refused by every start
     */
    public long backup(Path target) throws IOException {
        return store.backup(target);
    }

    /** Counters of what the log holds. */
    public StoreStats stats() {
        return store.stats();
    }

    /** The numbers that are there whatever topics and groups there are. */
    List<Metric> fixedMetrics() {
        return Objects.requireNonNull(metrics).fixed();
    }

    /**
     * Delivers a consumer group's dead letters to it once more, from where the last replay ended; they stay in the dead
     * letters as well. One replay of a group at a time.
     *
     * @return how many letters were replayed; where it fails midway, another replay goes on, and may repeat up to 64
     */
    public CompletableFuture<Long> replayDeadLetters(String group) {
        return Objects.requireNonNull(core).replayDeadLetters(group);
    }

    /** Connections that stand now. */
    int connections() {
        return Objects.requireNonNull(server).connectionCount();
    }

    /** Pulls that wait for messages now. */
    int heldPulls() {
        return Objects.requireNonNull(core).heldPulls();
    }

    /** Pops that wait for messages now. */
    int heldPops() {
        return Objects.requireNonNull(core).heldPops();
    }

    /** The ids of a consumer group's members, sorted. */
    List<String> consumerIds(String group) {
        return Objects.requireNonNull(core).consumerIds(group);
    }

    /** The storage, for the tools that come with the broker. */
    MessageStore store() {
        return store;
    }

    /** The version of this build, {@code development} outside a packaged jar. */
    static String version() {
        return Objects.requireNonNullElse(Broker.class.getPackage().getImplementationVersion(), "development");
    }

    /**
     * Stops: no new connections and requests, those that are under way are answered, connections are closed, what was
     * taken is flushed, the data directory is released. Requests that were not answered have an unknown outcome for their
     * clients. Idempotent. A caller that was interrupted before, or is meanwhile, waits like any other, and finds the
     * interrupt afterwards.
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            Undisturbed.run("tally-broker-close", Executors.callable(this::closeParts));
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "The broker did not stop in order; data=" + config.dataDirectory() + ": "
                            + FailureReason.of(Objects.requireNonNullElse(e.getCause(), e)),
                    e.getCause());
        }
    }

    private void closeParts() {
        if (watching != null) {
            watching.shutdownNow();
        }
        if (server != null) {
            server.stopAccepting();
            drain();
        }
        if (admin != null) {
            admin.close();
        }
        scheduler.shutdown();
        if (server != null) {
            server.close();
        }
        reads.shutdown();
        awaitReaders();
        store.close();
        log.info("Broker stopped; data={}", config.dataDirectory());
    }

    private void drain() {
        if (core == null) {
            return;
        }
        try {
            core.stop().get(config.stopTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            log.warn("Requests are still under way; their clients get no answer. waited={}", config.stopTimeout());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitReaders() {
        try {
            if (!reads.awaitTermination(5, TimeUnit.SECONDS)) {
                log.warn("Readers are still busy; closing the storage under them");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static InetAddress resolved(String host) throws IOException {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new IOException("Cannot resolve the advertised host " + host, e);
        }
    }

    private static ThreadFactory daemons(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }
}
