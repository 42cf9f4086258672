package dev.tally.consume.deadletter;

import dev.tally.audit.AuditEntry;
import dev.tally.audit.AuditLog;
import dev.tally.message.MessageId;
import java.util.List;
import java.util.Locale;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What people can do with dead letters: see them, replay them and discard them. Each act is recorded with who did it and
 * why, in the transaction that does it. Thread-safe.
 *
 * @since 0.1
 */
public final class DeadLetterOperations {

    /** How many one act concerns at most. */
    public static final int MOST = 100_000;

    private final DeadLetterStore store;
    private final AuditLog audit;
    private final TransactionTemplate transaction;

    /**
     * Creates the operations.
     *
     * @param transactions of the data source in which {@code store} and {@code audit} are
     */
    public DeadLetterOperations(DeadLetterStore store, AuditLog audit, PlatformTransactionManager transactions) {
        this.store = store;
        this.audit = audit;
        this.transaction = new TransactionTemplate(transactions);
    }

    /**
     * One thing that a person does.
     *
     * @param filter with which dead letters
     * @param limit with how many at most, the oldest first, or, to cancel, the youngest; from 1 to {@value #MOST}
     * @param actor who does it; not blank
     * @param reason why; not blank
     */
    public record Act(DeadLetterFilter filter, int limit, String actor, String reason) {

        /** Checks the limit. */
        public Act {
            if (limit < 1 || limit > MOST) {
                throw new IllegalArgumentException("Cannot do anything with " + limit + " dead letters: from 1 to "
                        + MOST + " are possible at a time; nothing was done");
            }
        }
    }

    /**
     * How dead letters are replayed.
     *
     * @param perSecond how many in a second; positive, {@link Double#POSITIVE_INFINITY} for as fast as they are handled
     * @param forced whether they take effect also if the inbox says that they have, or cannot tell any more
     */
    public record Pace(double perSecond, boolean forced) {

        /** Checks the rate. */
        public Pace {
            if (!(perSecond > 0)) {
                throw new IllegalArgumentException("Cannot replay " + perSecond
                        + " dead letters in a second: it has to be positive; nothing was done");
            }
        }
    }

    /**
     * Those that fit, the oldest first, without what can be long.
     *
     * @param limit how many at most
     */
    public List<ListedDeadLetter> list(DeadLetterFilter filter, int limit) {
        return store.list(filter, limit);
    }

    /** One as a whole; {@code null} if it is not there, or not any more. */
    public @Nullable DeadLetter find(String group, MessageId id) {
        return store.find(group, id);
    }

    /** How many fit: the preview of an act. */
    public long count(DeadLetterFilter filter) {
        return store.count(filter);
    }

    /**
     * Has dead letters handled again, by any process that has their group's handler. What takes effect is removed; what the
     * inbox knows is removed without effect, unless it is forced; what fails stays, with its new failure, and holds those
     * of its key.
     *
     * @return how many are due now
     */
    public int replay(Act act, Pace pace) {
        String action = pace.forced() ? "force-replay-dead-letters" : "replay-dead-letters";
        String rate = Double.isInfinite(pace.perSecond())
                ? "at once"
                : String.format(Locale.ROOT, "%s in a second", pace.perSecond());
        return perform(
                act, action, rate, () -> store.schedule(act.filter(), act.limit(), pace.perSecond(), pace.forced()));
    }

    /** Takes a replay back for those that have not been replayed; answers how many that were. */
    public int cancelReplay(Act act) {
        return perform(act, "cancel-replay-of-dead-letters", "", () -> store.unschedule(act.filter(), act.limit()));
    }

    /** Removes dead letters for good; answers how many that were. */
    public int discard(Act act) {
        return perform(act, "discard-dead-letters", "", () -> store.remove(act.filter(), act.limit()));
    }

    private int perform(Act act, String action, String detail, IntSupplier work) {
        Integer done = transaction.execute(status -> {
            int count = work.getAsInt();
            audit.record(new AuditEntry(
                    act.actor(),
                    action,
                    subject(act.filter()),
                    act.reason(),
                    count + " of at most " + act.limit() + " " + act.filter()
                            + (detail.isEmpty() ? "" : ", " + detail)));
            return count;
        });
        return done == null ? 0 : done;
    }

    private static String subject(DeadLetterFilter filter) {
        if (filter.id() != null) {
            return filter.id();
        }
        return "group " + (filter.group() == null ? "any" : filter.group());
    }
}
