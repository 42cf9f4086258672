package dev.tally.broker;

import dev.tally.broker.admin.StatusServer;
import dev.tally.broker.env.SystemClock;
import dev.tally.broker.net.FrameServer;
import dev.tally.broker.net.ServerLimits;
import dev.tally.broker.server.BrokerCore;
import dev.tally.broker.server.ServerSettings;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.StoreStats;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running broker: RocketMQ's name server and broker behind one port. What it acknowledges is on disk, fsynced.
 *
 * <p>Several can run in one process, each on its own data directory. Its threads are daemons. Thread-safe.
 *
 * @since 0.1
 */
public final class Broker implements AutoCloseable {

    /** What an acknowledgement means. */
    static final String DURABILITY = "fsync before acknowledgement";

    private static final Logger log = LoggerFactory.getLogger(Broker.class);
    private static final int MAX_FRAME_OVERHEAD_BYTES = 1024 * 1024;
    private static final int MAX_PENDING_WRITE_BYTES = 64 * 1024 * 1024;
    private static final int MAX_WAITING_READS = 20_000;
    private static final long CHECK_ROUND_MILLIS = 200;

    private final BrokerConfig config;
    private final MessageStore store;
    private final ThreadPoolExecutor reads;
    private final ScheduledThreadPoolExecutor scheduler;
    private final AtomicBoolean closed = new AtomicBoolean();
    private @Nullable FrameServer server;
    private @Nullable StatusServer admin;

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
        } catch (IOException | RuntimeException e) {
            broker.close();
            throw new BrokerStartException(reason(e), e);
        }
    }

    /** The message, and where it is not the whole story also the first cause's. */
    private static String reason(Throwable failure) {
        Throwable first = failure;
        while (first.getCause() != null) {
            first = first.getCause();
        }
        String message = String.valueOf(failure.getMessage());
        String cause = String.valueOf(first.getMessage());
        return message.contains(cause) ? message : message + ": " + cause;
    }

    private void listen() throws IOException {
        // The port is part of routes and message ids, so the socket comes before the handlers and hands over to them.
        LateListener late = new LateListener();
        FrameServer listening = FrameServer.listen(new InetSocketAddress(config.host(), config.port()), limits(), late);
        server = listening;
        int port = listening.address().getPort();
        ServerSettings settings = new ServerSettings(
                config.brokerName(),
                config.cluster(),
                config.advertisedHost() + ":" + port,
                new InetSocketAddress(resolved(config.advertisedHost()), port),
                config.autoCreateTopics(),
                config.defaultQueues(),
                config.maxMessageBytes(),
                config.delayLevels());
        SystemClock clock = new SystemClock();
        BrokerCore core = new BrokerCore(
                store, settings, reads, scheduler, () -> Instant.ofEpochMilli(clock.millis()), new SecureRandom());
        if (config.adminPort().isPresent()) {
            BrokerStatus status = new BrokerStatus(store, core);
            admin = StatusServer.listen(
                    config.adminPort().getAsInt(),
                    () -> status.toJson(version(), address(), DURABILITY, listening.connectionCount()));
        }
        late.handOverTo(core.listener());
        core.startCheckBacks(scheduler, CHECK_ROUND_MILLIS);
        log.info("Broker started; address={} data={}", address(), config.dataDirectory());
    }

    private ServerLimits limits() {
        return new ServerLimits(
                config.maxMessageBytes() + MAX_FRAME_OVERHEAD_BYTES,
                config.maxConnections(),
                config.idleTimeout(),
                Duration.ofSeconds(60),
                Duration.ofSeconds(30),
                MAX_PENDING_WRITE_BYTES);
    }

    /** Where clients reach it: {@code host:port}, also as their name server address. */
    public String address() {
        return config.advertisedHost() + ":"
                + Objects.requireNonNull(server).address().getPort();
    }

    /** Where the status page is, empty without one. */
    public Optional<InetSocketAddress> adminAddress() {
        return Optional.ofNullable(admin).map(StatusServer::address);
    }

    /** Counters of what the log holds. */
    public StoreStats stats() {
        return store.stats();
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
     * Stops: no new connections, open ones are closed, what was taken is flushed, the data directory is released.
     * Requests that were not answered have an unknown outcome for their clients. Idempotent.
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
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
