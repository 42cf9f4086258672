package dev.tally.boot;

import dev.tally.half.CheckBackAnswer;
import dev.tally.half.TransactionLedger;
import java.time.Duration;
import java.util.List;

/** Somebody's own ledger, for a transport of their own; it knows nothing. */
public final class NoLedger implements TransactionLedger {

    @Override
    public void recordCommitted(String transactionId) {}

    @Override
    public void recordRolledBack(String transactionId) {}

    @Override
    public CheckBackAnswer resolve(String transactionId) {
        return CheckBackAnswer.UNKNOWN;
    }

    @Override
    public int purge(Duration age, int limit) {
        return 0;
    }

    @Override
    public int forget(List<String> transactionIds) {
        return 0;
    }

    @Override
    public boolean decideByHand(String transactionId, CheckBackAnswer found, CheckBackAnswer answer) {
        return false;
    }
}
