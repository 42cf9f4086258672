package dev.tally.boot;

import dev.tally.publish.TransactionMarks;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.transaction.ConfigurableTransactionManager;

/** Has all transaction managers of the application mark their transactions, also those that Tally has no part in. */
final class TransactionMarking implements BeanPostProcessor, PriorityOrdered {

    /** Before what makes proxies, which may hide whose manager it is. */
    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (bean instanceof ConfigurableTransactionManager manager) {
            TransactionMarks.on(manager);
        }
        return bean;
    }
}
