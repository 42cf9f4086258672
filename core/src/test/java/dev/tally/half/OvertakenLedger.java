package dev.tally.half;

import java.time.Duration;
import java.util.List;

/** A ledger in which somebody else is active right after the first look. */
final class OvertakenLedger implements TransactionLedger {

    private final TransactionLedger ledger;
    private final Runnable others;

    OvertakenLedger(TransactionLedger ledger, Runnable others) {
        this.ledger = ledger;
        this.others = others;
    }

    @Override
    public CheckBackAnswer resolve(String transactionId) {
        CheckBackAnswer found = ledger.resolve(transactionId);
        others.run();
        return found;
    }

    @Override
    public boolean decideByHand(String transactionId, CheckBackAnswer found, CheckBackAnswer answer) {
        return ledger.decideByHand(transactionId, found, answer);
    }

    @Override
    public void recordCommitted(String transactionId) {
        ledger.recordCommitted(transactionId);
    }

    @Override
    public void recordRolledBack(String transactionId) {
        ledger.recordRolledBack(transactionId);
    }

    @Override
    public int purge(Duration age, int limit) {
        return ledger.purge(age, limit);
    }

    @Override
    public int forget(List<String> transactionIds) {
        return ledger.forget(transactionIds);
    }
}
