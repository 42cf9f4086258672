package dev.tally.broker.server;

import dev.tally.broker.store.StoreRejectedException;
import dev.tally.broker.store.StoreUnavailableException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the storage takes messages, as the answers to the latest requests showed it. A change is logged once, not with
 * every request that meets it. Thread-safe.
 *
 * @since 0.1
 */
public final class StorageHealth {

    private static final Logger log = LoggerFactory.getLogger(StorageHealth.class);

    /**
     * What can be said of the storage.
     *
     * @since 0.1
     */
    public enum State {
        /** Takes everything. */
        OK,
        /** Refuses new messages until the log can grow, mostly for want of space; decisions, offsets, reading go on. */
        REFUSING,
        /** Takes nothing more until the broker is started again; reading goes on. */
        FAILED
    }

    /**
     * A state.
     *
     * @param since when a request met it first
     * @param reason what the storage said, empty for {@link State#OK}
     * @since 0.1
     */
    public record Report(State state, Instant since, String reason) {}

    private final InstantSource clock;
    private final AtomicReference<Report> report;

    StorageHealth(InstantSource clock) {
        this.clock = clock;
        report = new AtomicReference<>(new Report(State.OK, clock.instant(), ""));
    }

    /** The state now. */
    public Report report() {
        return report.get();
    }

    /** A message was taken. */
    void taken() {
        if (report.get().state != State.REFUSING) {
            return;
        }
        if (change(before -> before.state == State.REFUSING ? new Report(State.OK, clock.instant(), "") : before)) {
            log.info("Storage takes messages again");
        }
    }

    /** A request was refused because the log cannot grow. */
    void refused(StoreRejectedException reason) {
        Report full = new Report(State.REFUSING, clock.instant(), String.valueOf(reason.getMessage()));
        if (change(before -> before.state == State.OK ? full : before)) {
            log.warn("Storage refuses new messages; reason={}", full.reason);
        }
    }

    /** A request has an unknown outcome because the log cannot be written. */
    void failed(StoreUnavailableException reason) {
        Report failed = new Report(State.FAILED, clock.instant(), String.valueOf(reason.getMessage()));
        if (change(before -> before.state == State.FAILED ? before : failed)) {
            log.error("Storage failed; every write is refused until the broker is started again", reason);
        }
    }

    private boolean change(UnaryOperator<Report> next) {
        Report before = report.getAndUpdate(next);
        return !before.equals(next.apply(before));
    }
}
