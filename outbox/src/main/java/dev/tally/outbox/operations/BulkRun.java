package dev.tally.outbox.operations;

import dev.tally.audit.AuditEntry;
import dev.tally.audit.AuditLog;
import dev.tally.outbox.ParkedEntry;
import dev.tally.outbox.operations.OperationRefusedException.Found;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * An act on all parked rows of a filter, in the background, on one instance. Thread-safe.
 *
 * <ol>
 *   <li>What fits now is counted and kept in the audit log; what is parked later is not touched.
 *   <li>Batch by batch, by ascending id: a batch is one transaction, with the ids in the audit log.
 *   <li>It passes each row once: one that is parked again meanwhile stays so.
 * </ol>
 *
 * An instance that stops leaves the rest parked; the same act can be begun again.
 *
 * @since 0.1
 */
public final class BulkRun {

    private static final Logger log = LoggerFactory.getLogger(BulkRun.class);

    private static final int BATCH = 100;
    private static final int MOST_FAILURES = 12;
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(5);
    private static final String SUBJECT = "outbox-rows";

    private final Order order;
    private final OperationsStore store;
    private final AuditLog audit;
    private final TransactionTemplate ownTransaction;
    private final ScheduledExecutorService scheduler;
    private final String action;
    private final int batch;
    private final Duration pause;

    private long upTo;
    private long cursor;
    private int failures;
    private boolean cancelled;
    private State state;

    /** What is done to the rows. */
    public enum Act {
        /** They are sent again. */
        RESUME,
        /** They are deleted. */
        DISCARD;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Where it is. */
    public enum Status {
        /** Under way. */
        RUNNING,
        /** All rows were passed. */
        DONE,
        /** Ended before by a person. */
        CANCELLED,
        /** Ended before because of failures. */
        FAILED
    }

    /**
     * How far it is.
     *
     * @param act what is done
     * @param filter to which rows
     * @param by who ordered it, and why
     * @param matching how many rows fitted at the beginning
     * @param done how many rows it was done to
     * @param heldBack how many were left parked, because older ones of their key stay parked
     * @param status where it is
     * @param failure what failed last, or {@code null}
     */
    public record State(
            Act act,
            ParkedFilter filter,
            WhoAndWhy by,
            long matching,
            long done,
            long heldBack,
            Status status,
            @Nullable String failure) {

        private State plus(long moreDone, long moreHeldBack) {
            return new State(act, filter, by, matching, done + moreDone, heldBack + moreHeldBack, status, null);
        }

        private State with(Status now, @Nullable String why) {
            return new State(act, filter, by, matching, done, heldBack, now, why);
        }
    }

    record Order(
            Act act,
            ParkedFilter filter,
            @Nullable Long expected,
            @Nullable Integer perSecond,
            boolean outOfOrder,
            WhoAndWhy by) {}

    BulkRun(
            Order order,
            OperationsStore store,
            AuditLog audit,
            TransactionTemplate ownTransaction,
            ScheduledExecutorService scheduler) {
        this.order = order;
        this.store = store;
        this.audit = audit;
        this.ownTransaction = ownTransaction;
        this.scheduler = scheduler;
        this.action = order.act().word() + "-" + SUBJECT;
        Integer rate = order.perSecond();
        if (rate != null && rate < 1) {
            throw new IllegalArgumentException("Cannot " + order.act().word() + " rows at " + rate
                    + " a second: at least 1 is needed; nothing was done");
        }
        this.batch = rate == null ? BATCH : Math.min(BATCH, rate);
        this.pause = rate == null ? Duration.ZERO : Duration.ofNanos(TimeUnit.SECONDS.toNanos(batch) / rate);
        this.state = new State(order.act(), order.filter(), order.by(), 0, 0, 0, Status.RUNNING, null);
    }

    /** How far it is. */
    public synchronized State state() {
        return state;
    }

    /** Leaves what was not reached yet as it is. */
    public synchronized void cancel() {
        cancelled = true;
    }

    void begin() {
        AuditEntry intent = entry("");
        ParkedPreview preview = Objects.requireNonNull(ownTransaction.execute(status -> {
            ParkedPreview found = store.preview(order.filter(), 0);
            Long expected = order.expected();
            if (expected != null && expected != found.matching()) {
                throw new OperationRefusedException(
                        Found.COUNT_CHANGED,
                        "Cannot " + order.act().word() + " the parked rows of " + order.filter() + ": there are "
                                + found.matching() + " now, not " + expected + ". Look again; nothing was done");
            }
            audit.record(new AuditEntry(
                    intent.actor(),
                    action,
                    SUBJECT,
                    intent.reason(),
                    "begins filter=" + order.filter() + " matching=" + found.matching() + " upTo=" + found.lastId()
                            + " perSecond=" + order.perSecond() + " outOfOrder=" + order.outOfOrder()));
            return found;
        }));
        synchronized (this) {
            upTo = preview.lastId();
            state = new State(order.act(), order.filter(), order.by(), preview.matching(), 0, 0, Status.RUNNING, null);
        }
        next(Duration.ZERO);
    }

    private AuditEntry entry(String detail) {
        return new AuditEntry(order.by().who(), action, SUBJECT, order.by().why(), detail);
    }

    private void next(Duration delay) {
        try {
            var unused = scheduler.schedule(this::step, delay.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            end(Status.CANCELLED, "the application stops");
            log.info("act on parked rows ends, the application stops state={}", state(), e);
        }
    }

    private void step() {
        if (isCancelled()) {
            end(Status.CANCELLED, null);
            return;
        }
        try {
            boolean more = Objects.requireNonNull(ownTransaction.execute(status -> oneBatch()))
                    .apply();
            if (more) {
                next(pause);
            } else {
                end(Status.DONE, null);
            }
        } catch (DataAccessException | TransactionException e) {
            failed(e);
        } catch (RuntimeException e) {
            log.error("act on parked rows failed unexpectedly state={}; what was not reached stays parked", state(), e);
            end(Status.FAILED, String.valueOf(e));
        }
    }

    private void failed(RuntimeException e) {
        failures++;
        if (failures > MOST_FAILURES) {
            log.error("act on parked rows given up state={}; what was not reached stays parked", state(), e);
            end(Status.FAILED, String.valueOf(e.getMessage()));
            return;
        }
        log.warn("act on parked rows goes on later nextAttemptInMillis={}", AFTER_FAILURE.toMillis(), e);
        next(AFTER_FAILURE);
    }

    private synchronized boolean isCancelled() {
        return cancelled;
    }

    private synchronized void end(Status status, @Nullable String why) {
        state = state.with(status, why);
        log.info("act on parked rows ends state={}", state);
    }

    /** What a batch did; takes effect here when its transaction has committed. */
    private record Step(BulkRun run, long lastId, int done, int heldBack, boolean more) {

        boolean apply() {
            synchronized (run) {
                run.cursor = lastId;
                run.failures = 0;
                run.state = run.state.plus(done, heldBack);
            }
            return more;
        }
    }

    private Step oneBatch() {
        List<ParkedRow> rows = store.parked(order.filter(), cursor, batch).stream()
                .filter(row -> row.id() <= upTo)
                .toList();
        if (rows.isEmpty()) {
            return new Step(this, cursor, 0, 0, false);
        }
        Map<String, Long> blocked = blocked(rows);
        List<Long> done = new ArrayList<>();
        int heldBack = 0;
        for (ParkedRow row : rows) {
            String key = row.key();
            Long older = key == null ? null : blocked.get(key);
            if (older != null && older < row.id()) {
                heldBack++;
            } else if (apply(row)) {
                done.add(row.id());
            }
        }
        if (!done.isEmpty()) {
            audit.record(entry("ids=" + done));
        }
        long last = rows.get(rows.size() - 1).id();
        return new Step(this, last, done.size(), heldBack, rows.size() == batch && last < upTo);
    }

    private Map<String, Long> blocked(List<ParkedRow> rows) {
        if (order.outOfOrder()) {
            return Map.of();
        }
        Set<String> keys =
                rows.stream().map(ParkedRow::key).filter(Objects::nonNull).collect(Collectors.toSet());
        return keys.isEmpty() ? Map.of() : store.firstNotMatching(order.filter(), keys);
    }

    private boolean apply(ParkedRow row) {
        if (order.act() == Act.RESUME) {
            return store.giveBack(row.id(), row.key());
        }
        ParkedEntry entry = store.lock(row.id());
        if (entry == null) {
            return false;
        }
        store.keepRevision(entry, action);
        return store.discard(row.id());
    }
}
