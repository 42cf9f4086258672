package dev.tally.publish;

import dev.tally.internal.ProxiedMethods;
import dev.tally.internal.SelfInvocations;
import dev.tally.transport.Capability;
import dev.tally.transport.RoutingTransport;
import dev.tally.transport.Transport;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.Advisor;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.autoproxy.AutoProxyUtils;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.annotation.BeanFactoryAnnotationUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.transaction.TransactionManager;
import org.springframework.transaction.interceptor.TransactionAttribute;
import org.springframework.transaction.interceptor.TransactionInterceptor;

/**
 * Finds, at start-up, methods annotated with {@link TransactionalPublisher} that could not publish, or not within their
 * transaction, and ends it with a list of all of them.
 *
 * @since 0.1
 */
public final class TransactionalPublisherValidator implements SmartInitializingSingleton {

    private static final List<Class<? extends Annotation>> ANNOTATIONS =
            List.of(TransactionalPublisher.class, TransactionalPublisher.List.class);

    private final ConfigurableListableBeanFactory beanFactory;
    private final PublisherTransactionAttributeSource attributes = new PublisherTransactionAttributeSource();

    /** Creates the validator of all beans of {@code beanFactory}. */
    public TransactionalPublisherValidator(ConfigurableListableBeanFactory beanFactory) {
        this.beanFactory = beanFactory;
        attributes.setEmbeddedValueResolver(this::resolved);
    }

    /** @throws InvalidPublisherException if there are any */
    @Override
    public void afterSingletonsInstantiated() {
        List<String> faults = new ArrayList<>();
        for (String name : beanFactory.getBeanDefinitionNames()) {
            Class<?> type = AutoProxyUtils.determineTargetClass(beanFactory, name);
            if (type != null && AnnotationUtils.isCandidateClass(type, ANNOTATIONS)) {
                check(name, type, faults);
            }
        }
        if (!faults.isEmpty()) {
            throw new InvalidPublisherException("Cannot start: " + faults.size()
                    + " faults in methods annotated with @TransactionalPublisher:\n - " + String.join("\n - ", faults));
        }
    }

    private void check(String beanName, Class<?> type, List<String> faults) {
        Map<Method, Set<TransactionalPublisher>> methods = MethodIntrospector.selectMethods(
                type, (MethodIntrospector.MetadataLookup<Set<TransactionalPublisher>>) method -> {
                    Set<TransactionalPublisher> found = TransactionalPublisherAdvisor.annotationsOf(method);
                    return found.isEmpty() ? null : found;
                });
        if (methods.isEmpty()) {
            return;
        }
        // A bean that is created later, on demand, goes through the same proxying; only what exists can be looked at.
        Object bean = beanFactory.containsSingleton(beanName) ? beanFactory.getSingleton(beanName) : null;
        methods.forEach((method, annotations) -> {
            String where = "bean '" + beanName + "', " + type.getSimpleName() + "." + method.getName() + ": ";
            faults(method, annotations).forEach(fault -> faults.add(where + fault));
            SelfInvocations.of(type, method)
                    .forEach(caller -> faults.add(where + caller
                            + " calls it on the object itself, past the proxy, and nothing would be published; call it"
                            + " through another bean, or publish with a MessagePublisher there"));
            faults.addAll(
                    transportFaults(annotations).stream().map(where::concat).toList());
            String managerFault = managerFault(method, type, annotations);
            if (managerFault != null) {
                faults.add(where + managerFault);
            }
            String proxyFault = bean == null ? null : proxyFault(bean, method);
            if (proxyFault != null) {
                faults.add(where + proxyFault);
            }
        });
    }

    private List<String> faults(Method method, Set<TransactionalPublisher> annotations) {
        List<String> faults = new ArrayList<>();
        boolean needsResult = false;
        for (TransactionalPublisher annotation : annotations) {
            PublishedResult published = new PublishedResult(method, annotation, this::resolved);
            faults.addAll(published.faults());
            needsResult |= annotation.payload().isBlank();
        }
        Class<?> result = method.getReturnType();
        if (needsResult && (result == void.class || result == Void.class)) {
            faults.add(
                    "it returns nothing, so there is nothing to publish; return the payload, or name it with payload");
        } else if (Future.class.isAssignableFrom(result)
                || CompletionStage.class.isAssignableFrom(result)
                || Flow.Publisher.class.isAssignableFrom(result)) {
            faults.add("it returns a " + result.getSimpleName()
                    + ", which is not there yet when the transaction commits; return the payload");
        }
        String fault = ProxiedMethods.fault(method);
        if (fault != null) {
            faults.add(fault);
        }
        return faults;
    }

    /** What the transports of the topics do not have. */
    private List<String> transportFaults(Set<TransactionalPublisher> annotations) {
        Transport transport = beanFactory.getBeanProvider(Transport.class).getIfUnique();
        if (transport == null) {
            return List.of();
        }
        return annotations.stream()
                .filter(annotation -> annotation.via() == Via.HALF_MESSAGE)
                .map(annotation -> resolved(annotation.topic()))
                // Which topic an expression names is known when it publishes; the path refuses it then.
                .filter(topic -> !MessageTemplate.isExpression(topic) || !(transport instanceof RoutingTransport))
                .map(transport::of)
                .filter(carrier -> !carrier.capabilities().contains(Capability.HALF_MESSAGES))
                .map(carrier -> "it is to publish via HALF_MESSAGE, and "
                        + Capability.HALF_MESSAGES.missingFrom(carrier.name())
                        + "; via = OUTBOX gives the same promise on each transport")
                .toList();
    }

    /** Only where the manager is named; which one is the default is known when a transaction begins. */
    private @Nullable String managerFault(Method method, Class<?> type, Set<TransactionalPublisher> annotations) {
        TransactionAttribute attribute = attributes.getTransactionAttribute(method, type);
        String name = attribute == null || attribute.getQualifier() == null ? "" : attribute.getQualifier();
        for (TransactionalPublisher annotation : annotations) {
            String wanted = resolved(annotation.transactionManager());
            if (!wanted.isEmpty() && !wanted.equals(name)) {
                return "it names transaction manager '" + wanted + "', which has no effect here: its transactions are"
                        + " those of '" + name + "'; name the manager in a @Transactional beside it";
            }
        }
        if (name.isBlank()
                || !(beanFactory.getBeanProvider(MessagePublisher.class).getIfUnique() instanceof WritesTo publisher)) {
            return null;
        }
        TransactionManager manager;
        try {
            manager = BeanFactoryAnnotationUtils.qualifiedBeanOfType(beanFactory, TransactionManager.class, name);
        } catch (NoSuchBeanDefinitionException e) {
            return "there is no transaction manager '" + name + "'";
        }
        Object resource = TransactionMarks.resourceOf(manager);
        return resource == null || publisher.writesTo(resource)
                ? null
                : "its transactions are those of '" + name + "', on " + resource + ", and Tally writes to "
                        + publisher.targets() + "; name another manager, or give Tally that data source, too";
    }

    private String resolved(String text) {
        String value = beanFactory.resolveEmbeddedValue(text);
        return value == null ? "" : value;
    }

    private static @Nullable String proxyFault(Object bean, Method method) {
        String fault = ProxiedMethods.fault(bean, method, "the publisher");
        return fault == null && bean instanceof Advised advised ? adviceFault(advised) : fault;
    }

    private static @Nullable String adviceFault(Advised advised) {
        int transaction = -1;
        int publisher = -1;
        Advisor[] advisors = advised.getAdvisors();
        for (int i = 0; i < advisors.length; i++) {
            if (advisors[i] instanceof TransactionalPublisherAdvisor) {
                publisher = i;
            } else if (advisors[i].getAdvice() instanceof TransactionInterceptor && transaction < 0) {
                transaction = i;
            }
        }
        if (publisher < 0) {
            return "the publisher's advice does not apply to the bean; register TransactionalPublisherAdvisor and"
                    + " TransactionAdvicePlacement";
        }
        if (transaction < 0) {
            return "there is no transaction around it; add @EnableTransactionManagement";
        }
        if (transaction > publisher) {
            return "the transaction begins inside of the publisher's advice; register TransactionAdvicePlacement, or"
                    + " choose a higher precedence with @EnableTransactionManagement(order = ...)";
        }
        return null;
    }
}
