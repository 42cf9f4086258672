package dev.tally.boot.saga;

import dev.tally.saga.engine.EngineParts;
import dev.tally.saga.engine.ReplyHandler;
import dev.tally.saga.engine.SagaOperations;
import dev.tally.saga.engine.SagaVersionReport;
import dev.tally.saga.engine.SagaWakeLoop;
import dev.tally.saga.engine.SagaWaker;
import dev.tally.saga.lock.LockKeeper;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.Subscription;
import dev.tally.transport.Transport;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;

/** The orchestrator while the application runs: replies and timers. */
final class SagaRuntime implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(SagaRuntime.class);
    private static final int WITH_CONSUMERS = Integer.MAX_VALUE - 100;
    private static final int ATTEMPTS = 16;
    private static final int PARKED_AT_ONCE = 1000;
    private static final Duration LOCK_INTERVAL = Duration.ofSeconds(5);
    private static final int LOCKS_AT_ONCE = 100;

    private final EngineParts parts;
    private final Transport transport;
    private final TallySagaProperties properties;
    private final SagaOperations operations;
    private final LockKeeper locks;
    private final String group;
    private @Nullable ActiveSubscription replies;
    private volatile @Nullable SagaWakeLoop loop;
    private @Nullable ScheduledExecutorService lockKeeping;

    SagaRuntime(
            EngineParts parts,
            Transport transport,
            TallySagaProperties properties,
            SagaOperations operations,
            LockKeeper locks,
            String application) {
        this.parts = parts;
        this.transport = transport;
        this.properties = properties;
        this.operations = operations;
        this.locks = locks;
        this.group = application + "-sagas";
    }

    @Override
    public synchronized void start() {
        if (loop != null) {
            return;
        }
        checkVersions();
        replies = transport.subscribe(
                new Subscription(parts.replyTopic(), group, "*", properties.concurrency(), true, ATTEMPTS),
                new ReplyHandler(parts));
        CustomizableThreadFactory threads = new CustomizableThreadFactory("tally-saga-timers-");
        threads.setDaemon(true);
        SagaWakeLoop started = new SagaWakeLoop(
                new SagaWaker(parts, properties.wakeBatch())::wakeSome,
                properties.pollInterval(),
                Executors.newSingleThreadExecutor(threads),
                properties.closeTimeout(),
                properties.wakeRate(),
                System::nanoTime);
        started.start();
        loop = started;
        CustomizableThreadFactory keepers = new CustomizableThreadFactory("tally-saga-locks-");
        keepers.setDaemon(true);
        ScheduledExecutorService keeping = Executors.newSingleThreadScheduledExecutor(keepers);
        lockKeeping = keeping;
        var unused = keeping.scheduleWithFixedDelay(
                this::passExpiredLocks, LOCK_INTERVAL.toMillis(), LOCK_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        log.info(
                "sagas run definitions={} replies={} group={}",
                parts.definitions().all(),
                parts.replyTopic(),
                group);
    }

    /** An owner that does not end within its lease holds nobody up for longer. */
    private void passExpiredLocks() {
        try {
            int passed = locks.passExpired(LOCKS_AT_ONCE);
            if (passed > 0) {
                nudge();
            }
        } catch (RuntimeException e) {
            log.warn("locks whose lease is over could not be passed on; tried again in {}", LOCK_INTERVAL, e);
        }
    }

    private void checkVersions() {
        List<SagaVersionReport.Finding> findings = new SagaVersionReport(parts.store(), parts.definitions()).findings();
        List<String> refused = findings.stream()
                .filter(finding -> policy(finding) == TallySagaProperties.OnUnrunnable.REFUSE)
                .map(SagaVersionReport.Finding::text)
                .toList();
        if (!refused.isEmpty()) {
            throw new SagasUnrunnableException("Cannot start:\n - " + String.join("\n - ", refused)
                    + "\nGive what was changed another version and keep the old definition, write a migration, or set"
                    + " tally.saga.definition-changed (tally.saga.version-gone) to park or leave");
        }
        for (SagaVersionReport.Finding finding : findings) {
            log.warn("{}", finding.text());
            if (policy(finding) == TallySagaProperties.OnUnrunnable.PARK) {
                park(finding);
            }
        }
    }

    private TallySagaProperties.OnUnrunnable policy(SagaVersionReport.Finding finding) {
        return finding.isGone() ? properties.versionGone() : properties.definitionChanged();
    }

    private void park(SagaVersionReport.Finding finding) {
        long parked = 0;
        int last = PARKED_AT_ONCE;
        while (last > 0 && parked < finding.count()) {
            last = operations.parkUnknown(
                    finding.version().name(),
                    finding.version().version(),
                    finding.version().fingerprint(),
                    PARKED_AT_ONCE);
            parked += last;
        }
        log.warn("{} of them were parked", parked);
    }

    /** Timers are looked at soon. */
    void nudge() {
        SagaWakeLoop running = loop;
        if (running != null) {
            running.nudge();
        }
    }

    @Override
    public synchronized void stop() {
        SagaWakeLoop running = loop;
        loop = null;
        if (lockKeeping != null) {
            lockKeeping.shutdownNow();
            lockKeeping = null;
        }
        if (replies != null) {
            replies.close();
            replies = null;
        }
        if (running != null) {
            running.close();
        }
    }

    @Override
    public boolean isRunning() {
        return loop != null;
    }

    @Override
    public int getPhase() {
        return WITH_CONSUMERS;
    }
}
