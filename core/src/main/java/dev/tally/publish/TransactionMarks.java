package dev.tally.publish;

import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeanWrapper;
import org.springframework.beans.PropertyAccessorFactory;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.transaction.ConfigurableTransactionManager;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.transaction.TransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.ResourceTransactionManager;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Marks the transactions that a transaction manager begins, so that publishers know whose transaction is the innermost
 * one, and how far it has come.
 *
 * <p>Spring does not tell: where one manager's transaction begins inside of another's, the outer one's connection stays
 * bound to the thread, and only its synchronizations are put aside. Without marks, publishers go by the bound
 * connection and by what the stack shows.
 *
 * <p>It costs each transaction one small object. Thread-safe.
 *
 * @since 0.1
 */
public final class TransactionMarks implements TransactionExecutionListener {

    private static final String DATA_SOURCE = "dataSource";

    private final TransactionManager manager;
    private final @Nullable Object resource;

    private TransactionMarks(TransactionManager manager) {
        this.manager = manager;
        this.resource = resourceOf(manager);
    }

    /** Marks the transactions of {@code manager} from now on. Does nothing where they are marked already. */
    public static void on(ConfigurableTransactionManager manager) {
        if (manager.getTransactionExecutionListeners().stream().noneMatch(TransactionMarks.class::isInstance)) {
            manager.addListener(new TransactionMarks(manager));
        }
    }

    @Override
    public void afterBegin(TransactionExecution transaction, @Nullable Throwable beginFailure) {
        // Not at a savepoint, and not for who takes part: they are in the transaction that has its mark.
        if (beginFailure == null
                && transaction instanceof DefaultTransactionStatus status
                && status.isNewTransaction()
                && status.isNewSynchronization()) {
            TransactionSynchronizationManager.registerSynchronization(new TransactionMark(this));
        }
    }

    /** What the manager's transactions are on: mostly a data source; {@code null} where that cannot be said. */
    @Nullable Object resource() {
        return resource;
    }

    /** Whether the marked transactions are, or might be, those of {@code other}. */
    boolean mayBeOf(TransactionManager other) {
        if (manager == other) {
            return true;
        }
        Object others = resourceOf(other);
        return resource == null || others == null || resource == others;
    }

    @Override
    public String toString() {
        return resource == null ? manager.toString() : resource.toString();
    }

    /**
     * What the transactions of {@code manager} are on.
     *
     * @return the data source, or another resource; {@code null} for a manager of many, as JTA's
     */
    public static @Nullable Object resourceOf(TransactionManager manager) {
        // The managers of JPA and Hibernate name their factory as their resource, and have the data source as well.
        BeanWrapper properties = PropertyAccessorFactory.forBeanPropertyAccess(manager);
        if (properties.isReadableProperty(DATA_SOURCE)
                && properties.getPropertyValue(DATA_SOURCE) instanceof DataSource dataSource) {
            return unwrap(dataSource);
        }
        return manager instanceof ResourceTransactionManager named ? named.getResourceFactory() : null;
    }

    /** The data source that transaction managers bind connections to: what is behind a proxy that knows transactions. */
    public static DataSource unwrap(DataSource dataSource) {
        if (dataSource instanceof TransactionAwareDataSourceProxy proxy && proxy.getTargetDataSource() != null) {
            return proxy.getTargetDataSource();
        }
        return dataSource;
    }
}
