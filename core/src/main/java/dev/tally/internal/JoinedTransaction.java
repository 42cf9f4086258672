package dev.tally.internal;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.annotation.BeanFactoryAnnotationUtils;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionManager;
import org.springframework.transaction.interceptor.NoRollbackRuleAttribute;
import org.springframework.transaction.interceptor.RuleBasedTransactionAttribute;
import org.springframework.transaction.interceptor.TransactionAttribute;

/**
 * Tells why a method's own {@code @Transactional} would not make it take part in the transaction that is begun around it.
 * Thread-safe.
 *
 * @param owner who begins that transaction, for instance {@code the guard}
 * @param remembered what is remembered in it, for instance {@code the message}
 */
public record JoinedTransaction(String owner, String remembered) {

    /** What is wrong with {@code attribute}, for people. */
    public List<String> faults(TransactionAttribute attribute) {
        List<String> faults = new ArrayList<>();
        int propagation = attribute.getPropagationBehavior();
        if (propagation == TransactionDefinition.PROPAGATION_REQUIRES_NEW) {
            faults.add("its transaction is REQUIRES_NEW, apart from the one that remembers " + remembered
                    + "; make it REQUIRED");
        } else if (propagation == TransactionDefinition.PROPAGATION_NOT_SUPPORTED
                || propagation == TransactionDefinition.PROPAGATION_NEVER) {
            faults.add("it must not run in a transaction, and " + owner + " remembers " + remembered
                    + " in one; make it REQUIRED");
        }
        if (attribute.isReadOnly()) {
            faults.add("its transaction is read-only, and " + owner + " writes in it; leave readOnly out");
        }
        if (attribute instanceof RuleBasedTransactionAttribute rules
                && rules.getRollbackRules().stream().anyMatch(NoRollbackRuleAttribute.class::isInstance)) {
            faults.add(
                    "its @Transactional has noRollbackFor, but whatever leaves the method takes everything back, so that "
                            + remembered + " may come again; catch in the method what is not a failure");
        }
        return faults;
    }

    /**
     * What is wrong with the manager of the method's transactions, for people; {@code null} if nothing is.
     *
     * @param name its name or qualifier, blank for the default one
     * @param begun that of the transaction around the method
     */
    public @Nullable String managerFault(BeanFactory beans, String name, TransactionManager begun) {
        if (name.isBlank()) {
            return null;
        }
        try {
            return BeanFactoryAnnotationUtils.qualifiedBeanOfType(beans, TransactionManager.class, name) == begun
                    ? null
                    : "its transactions are those of '" + name
                            + "', and the inbox is written in those of another manager; " + remembered
                            + " could be remembered without its effects, or the other way round";
        } catch (NoSuchBeanDefinitionException e) {
            return "there is no transaction manager '" + name + "'";
        }
    }
}
