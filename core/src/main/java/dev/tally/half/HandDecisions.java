package dev.tally.half;

import dev.tally.audit.AuditEntry;
import dev.tally.audit.AuditLog;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Lets a person decide the half messages of a local transaction that nobody else decides. What the ledger knows is what
 * counts: a decision against it is refused unless it is forced. Who, why, and what was found is kept in the audit log, in
 * the same database transaction in which the ledger is overruled. Thread-safe.
 *
 * @since 0.1
 */
public final class HandDecisions {

    private static final String ACTION = "decide-half-messages";
    private static final int MOST = 1_000;

    private final HalfMessages halfMessages;
    private final HalfMessageInspection inspection;
    private final TransactionLedger ledger;
    private final AuditLog audit;
    private final TransactionTemplate transaction;
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
        this.transaction = new TransactionTemplate(transactions);
        this.timeout = timeout;
    }

    /**
     * What became of a decision by hand.
     *
     * @param messages how many half messages it is about
     * @param ledger what the ledger knew of the local transaction
     * @param confirmed whether the broker has confirmed it; otherwise the check-back gets the same answer from the ledger
     */
    public record Outcome(int messages, CheckBackAnswer ledger, boolean confirmed) {}

    /**
     * Decides all half messages of a local transaction.
     *
     * @param commit whether they become visible, otherwise they are gone
     * @param force whether to decide against what the ledger knows
     * @param actor who decides
     * @param reason why
     * @throws IllegalArgumentException where actor or reason is missing; nothing was done
     * @throws IllegalStateException where the broker has nothing undecided of that transaction, where the transaction still
     *     runs, where its data source is not one of this service, or where the ledger knows otherwise and it is not forced; nothing was done
     * @throws HalfMessagesUnavailableException where the broker cannot be asked; nothing was done
     */
    public Outcome decide(String transactionId, boolean commit, boolean force, String actor, String reason) {
        LedgerName name = LedgerName.in(transactionId);
        if (name.equals(LedgerName.PRIMARY)) {
            return decideHere(transactionId, commit, force, actor, reason);
        }
        HandDecisions its = further.get(name);
        if (its == null) {
            throw new IllegalStateException("Cannot decide the half messages of local transaction " + transactionId
                    + ": beside the primary data source there are " + further.keySet() + " here, and not '" + name
                    + "'; nothing was done, ask an instance that has it");
        }
        return its.decideHere(transactionId, commit, force, actor, reason);
    }

    private Outcome decideHere(String transactionId, boolean commit, boolean force, String actor, String reason) {
        CheckBackAnswer wanted = commit ? CheckBackAnswer.COMMIT : CheckBackAnswer.ROLLBACK;
        // Before anything is looked at: a decision without a name or a reason is none.
        AuditEntry intent = new AuditEntry(actor, ACTION, transactionId, reason, "");
        List<OpenHalf> open = inspection.undecided(MOST).stream()
                .filter(half -> half.transactionId().equals(transactionId))
                .toList();
        String attempt =
                "Cannot decide the half messages of local transaction " + transactionId + " as " + wanted + ": ";
        if (open.isEmpty()) {
            throw new IllegalStateException(
                    attempt + "the broker has none of it among its oldest " + MOST + "; nothing was done");
        }
        CheckBackAnswer known = ledger.resolve(transactionId);
        if (known == CheckBackAnswer.UNKNOWN) {
            throw new IllegalStateException(attempt + "it still runs; nothing was done, try again when it has ended");
        }
        if (known != wanted && !force) {
            throw new IllegalStateException(attempt + "the ledger knows it as " + known
                    + ". To decide against the database, say so with force; nothing was done");
        }
        transaction.executeWithoutResult(status -> {
            if (known != wanted) {
                ledger.decideByHand(transactionId, wanted);
            }
            audit.record(new AuditEntry(
                    intent.actor(),
                    ACTION,
                    transactionId,
                    intent.reason(),
                    "decision=" + wanted + " ledger=" + known + " forced=" + (known != wanted) + " messages="
                            + open.stream().map(OpenHalf::messageId).toList()));
        });
        List<PreparedHalf> halves = open.stream().map(OpenHalf::half).toList();
        return new Outcome(
                halves.size(), known, confirmed(commit ? halfMessages.commit(halves) : halfMessages.rollback(halves)));
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
