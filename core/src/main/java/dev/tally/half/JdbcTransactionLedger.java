package dev.tally.half;

import dev.tally.jdbc.BoundedLockWait;
import dev.tally.jdbc.Dialect;
import dev.tally.jdbc.InsertIfAbsent;
import dev.tally.jdbc.PurgeBatch;
import dev.tally.jdbc.SqlFailure;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The ledger in the table {@code tally_transaction}, through the connection that Spring has bound to the transaction (so
 * it is the same under JPA, MyBatis, jOOQ and JdbcTemplate). Thread-safe.
 *
 * <p>Rows have to outlive the last check-back that the broker may ask, which {@link LedgerRetention} sees to; a row that was
 * purged before that is answered with ROLLBACK.
 *
 * @since 0.1
 */
public final class JdbcTransactionLedger implements TransactionLedger {

    private static final Logger log = LoggerFactory.getLogger(JdbcTransactionLedger.class);
    private static final Duration LOCK_WAIT = Duration.ofMillis(900);
    private static final int RESOLVE_ATTEMPTS = 3;
    private static final String COMMITTED = "COMMITTED";
    private static final String ROLLED_BACK = "ROLLED_BACK";

    private static final String INSERT = """
            INSERT INTO tally_transaction (transaction_id, state) VALUES (?, ?)""";

    private static final String SELECT = """
            SELECT state FROM tally_transaction WHERE transaction_id = ?""";

    private static final String LOCK = """
            SELECT state FROM tally_transaction WHERE transaction_id = ? FOR UPDATE""";

    private static final String FENCE_OWN = """
            UPDATE tally_transaction SET state = ? WHERE transaction_id = ? AND state = ?""";

    private static final String OVERRULE = """
            UPDATE tally_transaction SET state = ? WHERE transaction_id = ?""";

    private static final String DELETE = """
            DELETE FROM tally_transaction WHERE transaction_id = ?""";

    private final JdbcTemplate jdbc;
    private final TransactionTemplate ownTransaction;
    private final Dialect dialect;
    private final InsertIfAbsent insert;
    private final BoundedLockWait lockWait;
    private final PurgeBatch purge;

    /**
     * Creates the ledger of one data source.
     *
     * @param transactions the transaction manager of that data source
     */
    public JdbcTransactionLedger(DataSource dataSource, PlatformTransactionManager transactions, Dialect dialect) {
        this.jdbc = new JdbcTemplate(dataSource);
        this.ownTransaction = new TransactionTemplate(transactions);
        ownTransaction.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        // After a collision the other's row must be seen, which a snapshot from before it would hide.
        ownTransaction.setIsolationLevel(TransactionDefinition.ISOLATION_READ_COMMITTED);
        this.dialect = dialect;
        this.insert = new InsertIfAbsent(dialect, INSERT);
        this.lockWait = new BoundedLockWait(dialect, LOCK_WAIT);
        this.purge = new PurgeBatch(
                jdbc,
                transactions,
                dialect,
                "tally_transaction",
                List.of("transaction_id"),
                "created_at",
                PurgeBatch.Order.KEY);
    }

    @Override
    public void recordCommitted(String transactionId) {
        assertTransaction("record", transactionId);
        try {
            // Not InsertIfAbsent: under REPEATABLE READ, PostgreSQL's says no more than "could not serialize" where the
            // tombstone is younger than the snapshot. That the transaction is lost at a duplicate is wanted here.
            jdbc.update(INSERT, transactionId, COMMITTED);
        } catch (DataAccessException e) {
            if (SqlFailure.isAny(e, dialect::isDuplicateKey)
                    || SqlFailure.isAny(e, dialect::isDuplicateBehindSnapshot)) {
                throw new TransactionFencedException(
                        "Cannot commit local transaction " + transactionId
                                + ": a check-back came first and has rolled its half messages back; this transaction"
                                + " rolls back, running it again is safe",
                        e);
            }
            throw e;
        }
    }

    @Override
    public void recordRolledBack(String transactionId) {
        assertTransaction("fence", transactionId);
        if (jdbc.update(FENCE_OWN, ROLLED_BACK, transactionId, COMMITTED) != 1) {
            throw new IllegalTransactionStateException("Cannot fence local transaction " + transactionId
                    + ": the current transaction has not recorded it; it rolls back");
        }
    }

    private static void assertTransaction(String attempt, String transactionId) {
        if (!TransactionSynchronizationManager.isActualTransactionActive()) {
            throw new IllegalTransactionStateException(
                    "Cannot " + attempt + " local transaction " + transactionId + ": there is no transaction");
        }
    }

    @Override
    public CheckBackAnswer resolve(String transactionId) {
        for (int attempt = 1; attempt < RESOLVE_ATTEMPTS; attempt++) {
            try {
                return resolveOnce(transactionId);
            } catch (DataAccessException e) {
                // Two check-backs that waited for one transaction can be in each other's way when that one rolls back.
                if (!SqlFailure.isAny(e, dialect::isConflict)) {
                    throw e;
                }
                log.debug("check-back gave way to another one transactionId={} attempt={}", transactionId, attempt);
            }
        }
        return resolveOnce(transactionId);
    }

    private CheckBackAnswer resolveOnce(String transactionId) {
        CheckBackAnswer answer;
        try {
            answer = ownTransaction.execute(status -> lockWait.run(jdbc, () -> readOrFence(transactionId)));
        } catch (DataAccessException e) {
            if (!lockWait.isReachedIn(e)) {
                throw e;
            }
            log.debug("local transaction still running transactionId={}", transactionId);
            return CheckBackAnswer.UNKNOWN;
        }
        return answer == null ? CheckBackAnswer.UNKNOWN : answer;
    }

    private CheckBackAnswer readOrFence(String transactionId) {
        CheckBackAnswer found = read(transactionId);
        if (found != null) {
            return found;
        }
        if (insert.insert(jdbc, transactionId, ROLLED_BACK)) {
            log.debug("local transaction fenced transactionId={}", transactionId);
            return CheckBackAnswer.ROLLBACK;
        }
        // Somebody was faster. What they wrote is committed by now, or is gone again: then ask another time.
        CheckBackAnswer written = read(transactionId);
        return written == null ? CheckBackAnswer.UNKNOWN : written;
    }

    private @Nullable CheckBackAnswer read(String transactionId) {
        return answerOf(jdbc.queryForList(SELECT, String.class, transactionId));
    }

    private static @Nullable CheckBackAnswer answerOf(List<String> states) {
        if (states.isEmpty()) {
            return null;
        }
        return switch (states.get(0)) {
            case COMMITTED -> CheckBackAnswer.COMMIT;
            case ROLLED_BACK -> CheckBackAnswer.ROLLBACK;
            default -> CheckBackAnswer.UNKNOWN; // a newer version's word
        };
    }

    @Override
    public int purge(Duration age, int limit) {
        return purge.run(age, limit);
    }

    @Override
    public int forget(List<String> transactionIds) {
        if (transactionIds.isEmpty()) {
            return 0;
        }
        // In the order of the primary key, as every deletion here: no two of them can lock each other out.
        List<Object[]> ids =
                transactionIds.stream().sorted().map(id -> new Object[] {id}).toList();
        int[] counts = ownTransaction.execute(status -> jdbc.batchUpdate(DELETE, ids));
        return counts == null
                ? 0
                : (int) Arrays.stream(counts).filter(count -> count != 0).count();
    }

    @Override
    public boolean decideByHand(String transactionId, CheckBackAnswer found, CheckBackAnswer answer) {
        assertTransaction("decide by hand", transactionId);
        String state =
                switch (answer) {
                    case COMMIT -> COMMITTED;
                    case ROLLBACK -> ROLLED_BACK;
                    case UNKNOWN ->
                        throw new IllegalArgumentException("Cannot decide local transaction " + transactionId
                                + " by hand: UNKNOWN is no decision");
                };
        if (answerOf(jdbc.queryForList(LOCK, String.class, transactionId)) != found) {
            return false;
        }
        if (answer != found) {
            jdbc.update(OVERRULE, state, transactionId);
        }
        return true;
    }
}
