package dev.tally.publish;

import org.jspecify.annotations.Nullable;
import org.springframework.transaction.NoTransactionException;
import org.springframework.transaction.TransactionManager;
import org.springframework.transaction.interceptor.TransactionAspectSupport;

/** The way to what Spring's advice knows and shows to its subclasses only; there are no instances. */
abstract class AskedTransactionManager extends TransactionAspectSupport {

    private AskedTransactionManager() {}

    /** The manager that the innermost {@code @Transactional} method asked for a transaction. */
    static @Nullable TransactionManager ofInnermostMethod() {
        try {
            TransactionInfo info = currentTransactionInfo();
            return info == null || !info.hasTransaction() ? null : info.getTransactionManager();
        } catch (NoTransactionException e) {
            return null;
        }
    }
}
