package dev.tally.transport.rocketmq.crash;

import dev.tally.half.CheckBackAnswer;
import dev.tally.half.JdbcTransactionLedger;
import dev.tally.half.TransactionLedger;
import dev.tally.jdbc.Dialect;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** A ledger with stops, and with the mistakes that a ledger can make. */
final class StoppingLedger implements TransactionLedger {

    private final TransactionLedger ledger;
    private final Stops stops;
    private final Mutant mutant;
    private final JdbcTemplate apart;
    private final TransactionTemplate transactionApart;
    private final TransactionLedger ledgerApart;

    private StoppingLedger(TransactionLedger ledger, Stops stops, Mutant mutant, DataSource pool, Dialect dialect) {
        this.ledger = ledger;
        this.stops = stops;
        this.mutant = mutant;
        this.apart = new JdbcTemplate(pool);
        JdbcTransactionManager manager = new JdbcTransactionManager(pool);
        this.transactionApart = new TransactionTemplate(manager);
        transactionApart.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        this.ledgerApart = new JdbcTransactionLedger(pool, manager, dialect);
    }

    /** @param pool connections without stops */
    static TransactionLedger of(
            TransactionLedger ledger, Stops stops, Mutant mutant, DataSource pool, Dialect dialect) {
        return new StoppingLedger(ledger, stops, mutant, pool, dialect);
    }

    @Override
    public void recordCommitted(String transactionId) {
        stops.at(CrashPoint.BEFORE_LEDGER_ROW);
        if (mutant == Mutant.LEDGER_IN_ITS_OWN_TRANSACTION) {
            transactionApart.executeWithoutResult(status -> ledgerApart.recordCommitted(transactionId));
        } else {
            ledger.recordCommitted(transactionId);
        }
    }

    @Override
    public void recordRolledBack(String transactionId) {
        if (mutant == Mutant.LEDGER_IN_ITS_OWN_TRANSACTION) {
            transactionApart.executeWithoutResult(status -> ledgerApart.recordRolledBack(transactionId));
        } else {
            ledger.recordRolledBack(transactionId);
        }
    }

    @Override
    public CheckBackAnswer resolve(String transactionId) {
        if (mutant == Mutant.UNKNOWN_IS_COMMITTED && state(transactionId).isEmpty()) {
            return CheckBackAnswer.COMMIT;
        }
        if (mutant == Mutant.NO_TOMBSTONE && state(transactionId).isEmpty()) {
            return CheckBackAnswer.ROLLBACK;
        }
        return ledger.resolve(transactionId);
    }

    private List<String> state(String transactionId) {
        return apart.queryForList(
                "SELECT state FROM tally_transaction WHERE transaction_id = ?", String.class, transactionId);
    }

    @Override
    public int purge(Duration age, int limit) {
        return ledger.purge(age, limit);
    }

    @Override
    public int forget(List<String> transactionIds) {
        stops.at(CrashPoint.BEFORE_FORGETTING);
        return ledger.forget(transactionIds);
    }

    @Override
    public boolean decideByHand(String transactionId, CheckBackAnswer found, CheckBackAnswer answer) {
        return ledger.decideByHand(transactionId, found, answer);
    }
}
