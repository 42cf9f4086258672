package dev.tally.testkit.saga;

import dev.tally.testkit.saga.InMemoryTransactions.Point;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionSystemException;

/** Crashes of nodes and failures of the database, where the seed says so, until there are to be no more. For one thread. */
final class SimulatedFaults implements InMemoryTransactions.Faults {

    private final Chance chance;
    private final Trace trace;
    private boolean on = true;
    private boolean reaching;
    private boolean crashing;

    SimulatedFaults(Chance chance, Trace trace) {
        this.chance = chance;
        this.trace = trace;
    }

    void stop() {
        on = false;
    }

    boolean areOn() {
        return on;
    }

    /** Only in what nodes do; {@code crashes} where the machine that does it may go down. */
    void reach(boolean faults, boolean crashes) {
        reaching = faults;
        crashing = crashes;
    }

    /** Whether something of the user's goes wrong this time. */
    boolean strike(int oneIn) {
        return on && chance.oneIn(oneIn);
    }

    @Override
    public void at(Point point) {
        if (!on || !reaching) {
            return;
        }
        switch (point) {
            case BEGIN -> {
                if (chance.oneIn(150)) {
                    trace.add("  the database is away");
                    throw new CannotCreateTransactionException("injected: no connection");
                }
            }
            case WRITE -> {
                crash(150, "in the middle of a transaction");
                if (chance.oneIn(200)) {
                    trace.add("  a deadlock in the database");
                    throw new CannotAcquireLockException("injected: deadlock");
                }
                if (chance.oneIn(300)) {
                    trace.add("  the connection breaks");
                    throw new DataAccessResourceFailureException("injected: connection broken");
                }
            }
            case COMMIT -> {
                crash(40, "before the commit");
                fail(60, "the commit fails");
            }
            case COMMITTED -> {
                crash(40, "after the commit");
                fail(60, "the commit's answer is lost");
            }
        }
    }

    private void crash(int oneIn, String where) {
        if (crashing && chance.oneIn(oneIn)) {
            throw new NodeCrash(where);
        }
    }

    private void fail(int oneIn, String what) {
        if (chance.oneIn(oneIn)) {
            trace.add("  " + what);
            throw new TransactionSystemException("injected: " + what);
        }
    }
}
