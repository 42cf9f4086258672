package dev.tally.testkit.saga;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.SmartTransactionObject;

/**
 * Transactions of what is kept in memory, one after the other: a second thread waits until the first one's is over, so there
 * is nothing to lock and nothing half done to see. What a transaction has changed is taken back if it is rolled back. A
 * transaction within a transaction joins it; to suspend one is not possible. Thread-safe.
 *
 * @since 0.1
 */
public final class InMemoryTransactions extends AbstractPlatformTransactionManager {

    /** Where something can go wrong. */
    public enum Point {
        /** A transaction begins. Nothing has been done. */
        BEGIN,
        /** A row is about to be written; rows before it in the same transaction were. */
        WRITE,
        /** Everything is written, and the commit comes next. */
        COMMIT,
        /** The commit has happened, and nobody has been told. */
        COMMITTED
    }

    /** Makes things go wrong. */
    @FunctionalInterface
    public interface Faults {

        /** Nothing goes wrong. */
        Faults NONE = point -> {};

        /** Throws whatever goes wrong here: an exception of the database, or an error in place of a crash. */
        void at(Point point);
    }

    private static final class Current {
        private final Deque<Runnable> undo = new ArrayDeque<>();
        private final List<Runnable> onCommit = new ArrayList<>();
        private boolean rollbackOnly;
    }

    private final class Handle implements SmartTransactionObject {
        @Override
        public boolean isRollbackOnly() {
            return current != null && current.rollbackOnly;
        }
    }

    private final transient Faults faults;
    private final ReentrantLock lock = new ReentrantLock();
    private transient @Nullable Current current;

    /** Creates transactions in which nothing goes wrong. */
    public InMemoryTransactions() {
        this(Faults.NONE);
    }

    /** Creates transactions in which {@code faults} happen. */
    public InMemoryTransactions(Faults faults) {
        this.faults = faults;
    }

    /** Changes a row in the current transaction. */
    <K, V> void put(Map<K, V> rows, K key, V row) {
        Current writing = write();
        V before = rows.put(key, row);
        writing.undo.push(() -> {
            if (before == null) {
                rows.remove(key);
            } else {
                rows.put(key, before);
            }
        });
    }

    /** Removes a row in the current transaction. */
    <K, V> void remove(Map<K, V> rows, K key) {
        Current writing = write();
        V before = rows.remove(key);
        if (before != null) {
            writing.undo.push(() -> rows.put(key, before));
        }
    }

    /** Has something done in the moment of the commit. */
    void onCommit(Runnable action) {
        write().onCommit.add(action);
    }

    private Current write() {
        Current writing = isOpenHere() ? current : null;
        if (writing == null) {
            throw new IllegalTransactionStateException(
                    "Cannot write in memory: there is no transaction; call it in one. Nothing was done");
        }
        faults.at(Point.WRITE);
        return writing;
    }

    private boolean isOpenHere() {
        return lock.isHeldByCurrentThread() && current != null;
    }

    @Override
    protected Object doGetTransaction() {
        return new Handle();
    }

    @Override
    protected boolean isExistingTransaction(Object transaction) {
        return isOpenHere();
    }

    @Override
    protected void doBegin(Object transaction, TransactionDefinition definition) {
        faults.at(Point.BEGIN);
        lock.lock();
        current = new Current();
    }

    @Override
    protected void doCommit(DefaultTransactionStatus status) {
        Current committing = current;
        if (committing == null) {
            throw new IllegalTransactionStateException("Cannot commit in memory: there is no transaction");
        }
        boolean passed = false;
        try {
            faults.at(Point.COMMIT);
            passed = true;
        } finally {
            if (!passed) {
                takeBack();
            }
        }
        committing.undo.clear();
        committing.onCommit.forEach(Runnable::run);
        faults.at(Point.COMMITTED);
    }

    @Override
    protected void doRollback(DefaultTransactionStatus status) {
        takeBack();
    }

    private void takeBack() {
        Current broken = current;
        if (broken != null) {
            broken.undo.forEach(Runnable::run);
            broken.undo.clear();
            broken.onCommit.clear();
        }
    }

    @Override
    protected void doSetRollbackOnly(DefaultTransactionStatus status) {
        if (current != null) {
            current.rollbackOnly = true;
        }
    }

    @Override
    protected void doCleanupAfterCompletion(Object transaction) {
        current = null;
        lock.unlock();
    }
}
