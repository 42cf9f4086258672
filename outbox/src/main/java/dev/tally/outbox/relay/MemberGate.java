package dev.tally.outbox.relay;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Where publishing transactions wait until this node is a member again.
 *
 * <p>Who waits in a transaction has a connection in hand, and the heartbeat that is waited for needs one too: with the whole
 * pool waiting, it would never come. So those who wait expect to see that this node still reaches the database. If it does
 * not, all of them give up, and nobody waits any more before this node is a member: their connections, and the locks of
 * their transactions, are what it may be lacking. Thread-safe.
 */
final class MemberGate {

    /** How waiting ended. */
    enum Outcome {
        MEMBER,
        /** The limit is over. */
        LATE,
        /** This node does not reach the database. */
        CUT_OFF
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long heard;
    private boolean cutOff;

    /** Waits for no longer than {@code limit}, holding nothing that this node could need. */
    boolean await(BooleanSupplier member, Duration limit) throws InterruptedException {
        return await(member, limit, limit, false) == Outcome.MEMBER;
    }

    /**
     * Waits for no longer than {@code limit}, with a connection in hand.
     *
     * @param patience how long the database may be silent meanwhile
     */
    Outcome awaitInTransaction(BooleanSupplier member, Duration limit, Duration patience) throws InterruptedException {
        return await(member, limit, patience, true);
    }

    private Outcome await(BooleanSupplier member, Duration limit, Duration patience, boolean inTransaction)
            throws InterruptedException {
        lock.lock();
        try {
            long left = limit.toNanos();
            long silence = patience.toNanos();
            long heardBefore = heard;
            while (!member.getAsBoolean()) {
                if (heard != heardBefore) {
                    heardBefore = heard;
                    silence = patience.toNanos();
                }
                if (inTransaction && silence <= 0) {
                    cutOff = true;
                    changed.signalAll();
                }
                if (inTransaction && cutOff) {
                    return Outcome.CUT_OFF;
                }
                if (left <= 0) {
                    return Outcome.LATE;
                }
                long slice = inTransaction ? Math.min(left, silence) : left;
                long spent = slice - changed.awaitNanos(slice);
                left -= spent;
                silence -= spent;
            }
            return Outcome.MEMBER;
        } finally {
            lock.unlock();
        }
    }

    /** The database has answered. */
    void heard(boolean member) {
        lock.lock();
        try {
            heard++;
            cutOff &= !member;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The relay has stopped. */
    void changed() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
