package dev.tally.outbox.operations;

import dev.tally.audit.AuditEntry;
import dev.tally.audit.AuditLog;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.outbox.ParkedEntry;
import dev.tally.outbox.operations.OperationRefusedException.Found;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Lets people change the outbox: edit, resume and discard what is parked, pause and go on. Each act is one short
 * transaction of its own, whatever transaction the caller has, in which the audit log keeps who did what and why; what an
 * edit or a discard takes away is kept in {@code tally_outbox_revision}. Thread-safe.
 *
 * <p>All methods throw {@link IllegalArgumentException} where who or why is missing,
 * {@link OperationRefusedException} where what was found forbids the act, and {@link org.springframework.dao.DataAccessException}
 * or {@link org.springframework.transaction.TransactionException} where the database cannot be used. Nothing was done then.
 *
 * @since 0.1
 */
public final class OutboxOperations {

    private static final String EDIT = "edit-outbox-row";
    private static final String RESUME = "resume-outbox-row";
    private static final String DISCARD = "discard-outbox-row";
    private static final String PAUSE = "pause-outbox";
    private static final String UNPAUSE = "unpause-outbox";
    private static final String OUTBOX = "outbox";
    private static final int OLDER_NAMED = 5;

    private final OperationsStore store;
    private final AuditLog audit;
    private final TransactionTemplate ownTransaction;
    private final PayloadCheck payloads;
    private final ScheduledExecutorService scheduler;
    private @Nullable BulkRun latest;

    /**
     * Creates it for one data source.
     *
     * @param audit on the same data source
     * @param transactions its transaction manager
     * @param payloads looks at edited payloads
     * @param scheduler runs acts on many rows, with one thread at least; belongs to the caller
     */
    public OutboxOperations(
            OperationsStore store,
            AuditLog audit,
            PlatformTransactionManager transactions,
            PayloadCheck payloads,
            ScheduledExecutorService scheduler) {
        this.store = store;
        this.audit = audit;
        this.ownTransaction = new TransactionTemplate(transactions);
        ownTransaction.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        this.payloads = payloads;
        this.scheduler = scheduler;
    }

    /**
     * Changes the payload or the headers of a parked row. It stays parked.
     *
     * @return the row as it is now
     */
    public ParkedEntry edit(long id, RowEdit edit, WhoAndWhy by) {
        AuditEntry intent = intent(by, EDIT, RowFacts.subject(id));
        return inTransaction(() -> {
            ParkedEntry before = locked("edit", id);
            Message message = before.message();
            Headers headers = edit.headers() == null ? message.headers() : merged(before, edit.headers());
            byte[] payload = edit.payload() == null ? message.payload() : edit.payload();
            boolean samePayload = Arrays.equals(payload, message.payload());
            if (samePayload && headers.equals(message.headers())) {
                throw new OperationRefusedException(
                        Found.NOTHING_TO_CHANGE,
                        cannot("edit", before) + "payload and headers are the same already; nothing was changed");
            }
            String fault = samePayload ? null : payloads.faultOf(message.type(), headers, payload);
            if (fault != null) {
                throw new OperationRefusedException(
                        Found.PAYLOAD_UNREADABLE,
                        cannot("edit", before) + "the new payload is none of type '" + message.type() + "': " + fault
                                + "; nothing was changed");
            }
            store.keepRevision(before, EDIT);
            store.change(id, headers, payload);
            ParkedEntry after = new ParkedEntry(
                    id,
                    new Message(message.id(), message.destination(), message.key(), message.type(), headers, payload),
                    before.attempts(),
                    before.reason(),
                    before.createdAt());
            record(intent, RowFacts.of(before) + RowFacts.change(message, after.message()));
            return after;
        });
    }

    private static Headers merged(ParkedEntry before, Map<String, String> wanted) {
        Map<String, String> all = new LinkedHashMap<>();
        before.message().headers().asMap().forEach((name, value) -> {
            if (name.startsWith(Headers.RESERVED_PREFIX)) {
                all.put(name, value);
            }
        });
        wanted.forEach((name, value) -> {
            if (name.startsWith(Headers.RESERVED_PREFIX) && !value.equals(all.get(name))) {
                throw new OperationRefusedException(
                        Found.RESERVED_HEADER,
                        cannot("edit", before) + "header '" + name
                                + "' is Tally's and stays as it is; nothing was changed");
            }
            all.put(name, value);
        });
        return Headers.of(all);
    }

    /**
     * Lets a parked row be sent again, its attempts counted from zero.
     *
     * @param outOfOrder whether to do so though older messages of its key stay parked; refused otherwise
     * @return the row as it was
     */
    public ParkedEntry resume(long id, boolean outOfOrder, WhoAndWhy by) {
        AuditEntry intent = intent(by, RESUME, RowFacts.subject(id));
        return inTransaction(() -> {
            ParkedEntry entry = locked("resume", id);
            String key = entry.message().key();
            List<Long> older = key == null ? List.of() : store.olderOfKey(key, id, OLDER_NAMED);
            if (!older.isEmpty() && !outOfOrder) {
                throw new OperationRefusedException(
                        Found.OLDER_OF_KEY_PARKED,
                        cannot("resume", entry) + "older messages of its key are parked, too, the first with ids "
                                + older + ". Resume or discard them first, resume all of the key together by a filter,"
                                + " or say that order does not matter; nothing was done");
            }
            store.giveBack(id, key);
            record(
                    intent,
                    RowFacts.of(entry) + " attempts=" + entry.attempts() + "->0 state=PARKED->PENDING olderParked="
                            + older + " error=" + entry.reason());
            return entry;
        });
    }

    /**
     * Deletes a parked row: its message is never sent. What it was is kept in {@code tally_outbox_revision}.
     *
     * @return the row as it was
     */
    public ParkedEntry discard(long id, WhoAndWhy by) {
        AuditEntry intent = intent(by, DISCARD, RowFacts.subject(id));
        return inTransaction(() -> {
            ParkedEntry entry = locked("discard", id);
            store.keepRevision(entry, DISCARD);
            store.discard(id);
            record(intent, RowFacts.of(entry) + " state=PARKED->gone error=" + entry.reason());
            return entry;
        });
    }

    /**
     * Resumes all parked rows of a filter, in the background, in the order of their ids. Rows of a key that has older
     * parked ones which do not fit stay parked, unless {@code outOfOrder}.
     *
     * @param expected how many the person has seen in the preview; refused if it is another number now. {@code null} not
     *     to compare
     * @param perSecond rows given back each second, at most; {@code null} for as many as possible
     * @return what becomes of it
     */
    public BulkRun resumeAll(
            ParkedFilter filter,
            @Nullable Long expected,
            @Nullable Integer perSecond,
            boolean outOfOrder,
            WhoAndWhy by) {
        return begin(new BulkRun.Order(BulkRun.Act.RESUME, filter, expected, perSecond, outOfOrder, by));
    }

    /**
     * Discards all parked rows of a filter, in the background.
     *
     * @param expected how many the person has seen in the preview; refused if it is another number now
     * @return what becomes of it
     */
    public BulkRun discardAll(ParkedFilter filter, long expected, WhoAndWhy by) {
        return begin(new BulkRun.Order(BulkRun.Act.DISCARD, filter, expected, null, true, by));
    }

    private synchronized BulkRun begin(BulkRun.Order order) {
        if (latest != null && latest.state().status() == BulkRun.Status.RUNNING) {
            throw new OperationRefusedException(
                    Found.ALREADY_RUNNING,
                    "Cannot " + order.act().word() + " the parked rows of " + order.filter()
                            + ": this instance is still at " + latest.state()
                            + "; wait for its end or cancel it. Nothing was done");
        }
        BulkRun run = new BulkRun(order, store, audit, ownTransaction, scheduler);
        run.begin();
        latest = run;
        return run;
    }

    /** The last act on many rows that this instance was given, if any. */
    public synchronized Optional<BulkRun> latestRun() {
        return Optional.ofNullable(latest);
    }

    /**
     * Pauses the outbox: within about a heartbeat no node sends anything any more. What is published meanwhile waits; what
     * is with the broker already comes to its end.
     */
    public void pause(WhoAndWhy by) {
        AuditEntry intent = intent(by, PAUSE, OUTBOX);
        ownTransaction.executeWithoutResult(status -> {
            if (!store.pause(by)) {
                throw new OperationRefusedException(
                        Found.ALREADY_PAUSED, "Cannot pause the outbox: it is paused already, " + store.pause());
            }
            record(intent, "sending->paused");
        });
    }

    /** Ends the pause: within about a heartbeat the nodes send again. */
    public void unpause(WhoAndWhy by) {
        AuditEntry intent = intent(by, UNPAUSE, OUTBOX);
        ownTransaction.executeWithoutResult(status -> {
            Pause pause = store.pause();
            if (!store.unpause()) {
                throw new OperationRefusedException(
                        Found.NOT_PAUSED, "Cannot end the pause of the outbox: it is not paused; nothing was done");
            }
            record(intent, "paused->sending was=" + pause);
        });
    }

    private ParkedEntry locked(String act, long id) {
        ParkedEntry entry = store.lock(id);
        if (entry == null) {
            throw new OperationRefusedException(
                    Found.NOT_PARKED,
                    "Cannot " + act + " outbox row " + id + ": no row with this id is parked. Somebody has resumed or"
                            + " discarded it, which tally_audit tells, or it never was; nothing was done");
        }
        return entry;
    }

    private static String cannot(String act, ParkedEntry entry) {
        return "Cannot " + act + " outbox row " + entry.id() + " with message "
                + entry.message().id() + ": ";
    }

    /** Before anything is looked at: an act without a name or a reason is none. */
    private static AuditEntry intent(WhoAndWhy by, String action, String subject) {
        return new AuditEntry(by.who(), action, subject, by.why(), "");
    }

    private void record(AuditEntry intent, String detail) {
        audit.record(new AuditEntry(intent.actor(), intent.action(), intent.subject(), intent.reason(), detail));
    }

    private ParkedEntry inTransaction(Supplier<ParkedEntry> act) {
        return Objects.requireNonNull(ownTransaction.execute(status -> act.get()));
    }
}
