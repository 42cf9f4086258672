package dev.tally.half;

import dev.tally.audit.AuditEntry;
import dev.tally.audit.AuditLog;
import dev.tally.half.HandDecisionRefusedException.Found;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Lets a person decide the half messages of a local transaction that nobody else decides. What the ledger knows is what
 * counts: a decision against it is refused unless it is forced.
 *
 * <ol>
 *   <li>The brokers say what they have of it, and the ledger how it ended. A transaction that still runs is left alone;
 *       one without a row in the ledger is fenced, as by any check-back.
 *   <li>In one database transaction, the ledger's row is locked and must still say so, is overruled where that is forced,
 *       and who, why and what was found is kept in the audit log. From here on every check-back gets the same answer.
 *   <li>The brokers are told. Of somebody who was faster, such as a check-back with the older answer, the first decision
 *       stands; where a broker does not confirm this one, it is asked what it still has.
 *   <li>What came of it is kept in the audit log, too.
 * </ol>
 *
 * Thread-safe.
 *
 * @since 0.1
 */
public final class HandDecisions {

    private static final Logger log = LoggerFactory.getLogger(HandDecisions.class);
    private static final String DECISION = "decide-half-messages";
    private static final String RESULT = "decide-half-messages-result";
    private static final int MESSAGES_IN_DETAIL = 20;

    private final HalfMessages halfMessages;
    private final HalfMessageInspection inspection;
    private final TransactionLedger ledger;
    private final AuditLog audit;
    private final TransactionTemplate ownTransaction;
    private final Duration timeout;
    private final Map<LedgerName, HandDecisions> further;

    /**
     * Creates it for one data source.
     *
     * @param transactions the transaction manager of the ledger's and the audit log's data source
     * @param timeout how long to wait for the broker's answer
     */
    public HandDecisions(
            HalfMessages halfMessages,
            HalfMessageInspection inspection,
            TransactionLedger ledger,
            AuditLog audit,
            PlatformTransactionManager transactions,
            Duration timeout) {
        this(halfMessages, inspection, ledger, audit, transactions, timeout, Map.of());
    }

    /**
     * Creates it for the primary one of several data sources.
     *
     * @param transactions the transaction manager of the ledger's and the audit log's data source
     * @param timeout how long to wait for the broker's answer
     * @param further those that overrule the ledgers of the others
     */
    public HandDecisions(
            HalfMessages halfMessages,
            HalfMessageInspection inspection,
            TransactionLedger ledger,
            AuditLog audit,
            PlatformTransactionManager transactions,
            Duration timeout,
            Map<LedgerName, HandDecisions> further) {
        this.further = Map.copyOf(further);
        this.halfMessages = halfMessages;
        this.inspection = inspection;
        this.ledger = ledger;
        this.audit = audit;
        this.ownTransaction = new TransactionTemplate(transactions);
        // Committed before the brokers are told, whoever calls.
        ownTransaction.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        ownTransaction.setIsolationLevel(TransactionDefinition.ISOLATION_READ_COMMITTED);
        this.timeout = timeout;
    }

    /** What the brokers made of a decision. */
    public enum Fate {
        /** They have confirmed it. */
        CONFIRMED,
        /** They still have the half messages; they will ask, and get the same answer from the ledger. */
        LEFT_TO_CHECK_BACK,
        /**
         * They have not confirmed it, and have nothing undecided any more: it got through and its answer was lost, or
         * somebody else decided first, perhaps otherwise.
         */
        DECIDED_MEANWHILE,
        /** They have not confirmed it, and cannot be asked; if they have not heard it, they will ask by check-back. */
        UNKNOWN
    }

    /**
     * What became of a decision by hand.
     *
     * @param messages how many half messages it is about
     * @param ledger what the ledger knew of the local transaction before
     * @param fate what the brokers made of it
     */
    public record Outcome(int messages, CheckBackAnswer ledger, Fate fate) {}

    /**
     * Decides all half messages of a local transaction.
     *
     * @param commit whether they become visible, otherwise they are gone
     * @param force whether to decide against what the ledger knows
     * @param actor who decides
     * @param reason why
     * @throws IllegalArgumentException where actor or reason is missing; nothing was done
     * @throws HandDecisionRefusedException where the brokers have nothing undecided of that transaction, where it still
     *     runs, where its data source is none of this instance, where the ledger knows otherwise and it is not forced, or where somebody decides at the same time; nothing
     *     was decided
     * @throws HalfMessagesUnavailableException where a broker cannot be asked; nothing was done
     */
    public Outcome decide(String transactionId, boolean commit, boolean force, String actor, String reason) {
        LedgerName name = LedgerName.in(transactionId);
        if (name.equals(LedgerName.PRIMARY)) {
            return decideHere(transactionId, commit, force, actor, reason);
        }
        HandDecisions its = further.get(name);
        if (its == null) {
            throw new HandDecisionRefusedException(
                    Found.NO_SUCH_DATA_SOURCE,
                    "Cannot decide the half messages of local transaction " + transactionId
                            + ": beside the primary data source there are " + further.keySet() + " here, and not '"
                            + name
                            + "'; nothing was done, ask an instance that has it");
        }
        return its.decideHere(transactionId, commit, force, actor, reason);
    }

    private Outcome decideHere(String transactionId, boolean commit, boolean force, String actor, String reason) {
        CheckBackAnswer wanted = commit ? CheckBackAnswer.COMMIT : CheckBackAnswer.ROLLBACK;
        // Before anything is looked at: a decision without a name or a reason is none.
        AuditEntry intent = new AuditEntry(actor, DECISION, transactionId, reason, "");
        String attempt =
                "Cannot decide the half messages of local transaction " + transactionId + " as " + wanted + ": ";
        List<OpenHalf> open = inspection.undecidedOf(transactionId);
        if (open.isEmpty()) {
            throw new HandDecisionRefusedException(
                    Found.NOTHING_UNDECIDED,
                    attempt + "no broker has any of them undecided or parked; nothing was done");
        }
        CheckBackAnswer known = ledger.resolve(transactionId);
        if (known == CheckBackAnswer.UNKNOWN) {
            throw new HandDecisionRefusedException(
                    Found.STILL_RUNNING, attempt + "it still runs; nothing was done, try again when it has ended");
        }
        if (known != wanted && !force) {
            throw new HandDecisionRefusedException(
                    Found.LEDGER_KNOWS_OTHERWISE,
                    attempt + "the ledger knows it as " + known
                            + ". To decide against the database, say so with force; nothing was decided");
        }
        keep(intent, open, known, wanted, attempt);
        List<PreparedHalf> halves = open.stream().map(OpenHalf::half).toList();
        Fate fate = confirmed(commit ? halfMessages.commit(halves) : halfMessages.rollback(halves))
                ? Fate.CONFIRMED
                : fateOf(transactionId);
        keep(intent, wanted, fate);
        return new Outcome(halves.size(), known, fate);
    }

    private void keep(
            AuditEntry intent, List<OpenHalf> open, CheckBackAnswer known, CheckBackAnswer wanted, String attempt) {
        ownTransaction.executeWithoutResult(status -> {
            if (!ledger.decideByHand(intent.subject(), known, wanted)) {
                throw new HandDecisionRefusedException(
                        Found.CHANGED_MEANWHILE,
                        attempt + "the ledger knew it as " + known
                                + ", and does not any more; somebody else decides it at the same time. Nothing was done,"
                                + " look again");
            }
            String messages = open.stream()
                    .limit(MESSAGES_IN_DETAIL)
                    .map(OpenHalf::messageId)
                    .toList()
                    .toString();
            audit.record(new AuditEntry(
                    intent.actor(),
                    DECISION,
                    intent.subject(),
                    intent.reason(),
                    "decision=" + wanted + " ledger=" + known + " forced=" + (known != wanted) + " parked="
                            + open.stream().filter(OpenHalf::parked).count() + " count=" + open.size() + " messages="
                            + messages));
        });
    }

    /** The decision stands whether this can be written or not. */
    private void keep(AuditEntry intent, CheckBackAnswer wanted, Fate fate) {
        if (fate == Fate.DECIDED_MEANWHILE) {
            log.warn(
                    "half messages decided by hand were no longer undecided transactionId={} decision={}; they may have"
                            + " ended otherwise",
                    intent.subject(),
                    wanted);
        }
        try {
            audit.record(new AuditEntry(
                    intent.actor(),
                    RESULT,
                    intent.subject(),
                    intent.reason(),
                    "decision=" + wanted + " outcome=" + fate));
        } catch (RuntimeException e) {
            log.warn(
                    "cannot keep what became of a decision by hand transactionId={} decision={} outcome={}",
                    intent.subject(),
                    wanted,
                    fate,
                    e);
        }
    }

    private Fate fateOf(String transactionId) {
        try {
            return inspection.undecidedOf(transactionId).isEmpty() ? Fate.DECIDED_MEANWHILE : Fate.LEFT_TO_CHECK_BACK;
        } catch (HalfMessagesUnavailableException e) {
            log.warn("cannot find out what became of a decision by hand transactionId={}", transactionId, e);
            return Fate.UNKNOWN;
        }
    }

    private boolean confirmed(CompletableFuture<Boolean> answer) {
        try {
            return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("A decision must not fail", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
