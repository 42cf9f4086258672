package dev.tally.publish;

import dev.tally.consume.guard.IdempotentGuardAdvisor;
import org.springframework.aop.Advisor;
import org.springframework.beans.factory.annotation.AnnotatedBeanDefinition;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.transaction.annotation.ProxyTransactionManagementConfiguration;
import org.springframework.transaction.interceptor.BeanFactoryTransactionAttributeSourceAdvisor;

/**
 * Fits Spring's transaction advice to {@link TransactionalPublisher}; register it as a static bean.
 *
 * <ul>
 *   <li>The advisors of publishers and of guards become infrastructure beans: the proxies that {@code @EnableTransactionManagement}
 *       creates by itself take no other advisors.
 *   <li>The transaction's advice gets an order of {@value #TRANSACTION_ADVICE_ORDER} instead of the lowest precedence, so that it lies
 *       around {@link TransactionalPublisherAdvisor}, which has the lowest, and within {@link IdempotentGuardAdvisor}. An order that the user chose is left alone.
 *   <li>A {@code @Transactional} on the class sets the attributes of an annotated method. Spring by itself would take
 *       those that the annotation on the method brings along, its defaults. A {@code TransactionAttributeSource} that the
 *       user defined is left alone.
 * </ul>
 *
 * @since 0.1
 */
public final class TransactionAdvicePlacement implements BeanFactoryPostProcessor, BeanPostProcessor, PriorityOrdered {

    /** Slightly outside of everything that did not choose an order. */
    static final int TRANSACTION_ADVICE_ORDER = Ordered.LOWEST_PRECEDENCE - 100;

    private static final String ATTRIBUTE_SOURCE = "transactionAttributeSource";

    /** Creates the post-processor. */
    public TransactionAdvicePlacement() {}

    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }

    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
        makeInfrastructure(beanFactory, TransactionalPublisherAdvisor.class);
        makeInfrastructure(beanFactory, IdempotentGuardAdvisor.class);
        replaceAttributeSource(beanFactory);
    }

    private static void makeInfrastructure(
            ConfigurableListableBeanFactory beanFactory, Class<? extends Advisor> advisor) {
        for (String name : beanFactory.getBeanNamesForType(advisor, true, false)) {
            if (beanFactory.containsBeanDefinition(name)) {
                beanFactory.getBeanDefinition(name).setRole(BeanDefinition.ROLE_INFRASTRUCTURE);
            }
        }
    }

    private static void replaceAttributeSource(ConfigurableListableBeanFactory beanFactory) {
        if (!beanFactory.containsBeanDefinition(ATTRIBUTE_SOURCE)) {
            return;
        }
        BeanDefinition definition = beanFactory.getBeanDefinition(ATTRIBUTE_SOURCE);
        if (definition instanceof AnnotatedBeanDefinition annotated
                && definition instanceof AbstractBeanDefinition replaceable
                && annotated
                        .getMetadata()
                        .getClassName()
                        .equals(ProxyTransactionManagementConfiguration.class.getName())) {
            replaceable.setInstanceSupplier(PublisherTransactionAttributeSource::new);
        }
    }

    @Override
    public Object postProcessBeforeInitialization(Object bean, String beanName) {
        if (bean instanceof BeanFactoryTransactionAttributeSourceAdvisor advisor
                && advisor.getOrder() == Ordered.LOWEST_PRECEDENCE) {
            advisor.setOrder(TRANSACTION_ADVICE_ORDER);
        }
        return bean;
    }
}
