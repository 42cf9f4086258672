package dev.tally.consume;

import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeansException;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.annotation.BeanFactoryAnnotationUtils;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionManager;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Finds handlers whose effects would not be in the transaction of their inbox row, as far as annotations tell: such an effect
 * stays where the transaction rolls back, and happens again when the message comes again.
 */
final class TransactionHoles {

    private final BeanFactory beanFactory;

    TransactionHoles(BeanFactory beanFactory) {
        this.beanFactory = beanFactory;
    }

    /**
     * What is to be warned of.
     *
     * @param inbox the manager of the transactions that the inbox rows are in
     * @return for people; {@code null} if nothing can be seen
     */
    @Nullable String of(Method method, Class<?> beanClass, PlatformTransactionManager inbox) {
        Transactional asked = AnnotatedElementUtils.findMergedAnnotation(method, Transactional.class);
        if (asked == null) {
            asked = AnnotatedElementUtils.findMergedAnnotation(beanClass, Transactional.class);
        }
        if (asked == null) {
            return null;
        }
        Propagation propagation = asked.propagation();
        if (propagation == Propagation.REQUIRES_NEW || propagation == Propagation.NOT_SUPPORTED) {
            return "it is @Transactional(propagation = " + propagation
                    + "), so its effects are not in the transaction of its inbox row: they stay where that one is rolled"
                    + " back, and happen again when the message comes again";
        }
        TransactionManager manager = managerOf(asked.transactionManager());
        return manager == null || manager == inbox
                ? null
                : "its transactions are of " + manager + ", its inbox is in those of " + inbox
                        + ": they commit one after the other, so its effects may happen again when the message comes"
                        + " again; name the data source that it works in, @IdempotentConsumer(dataSource = ..)";
    }

    /** As Spring finds it; {@code null} where it finds none or several, of which it tells by itself. */
    private @Nullable TransactionManager managerOf(String qualifier) {
        try {
            return qualifier.isEmpty()
                    ? beanFactory.getBeanProvider(TransactionManager.class).getIfUnique()
                    : BeanFactoryAnnotationUtils.qualifiedBeanOfType(beanFactory, TransactionManager.class, qualifier);
        } catch (BeansException e) {
            return null;
        }
    }
}
