package dev.tally.publish;

import java.lang.reflect.Method;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.aopalliance.aop.Advice;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.Pointcut;
import org.springframework.aop.support.AbstractPointcutAdvisor;
import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.annotation.AnnotationMatchingPointcut;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Publishes what methods annotated with {@link TransactionalPublisher} return, inside their transaction.
 *
 * <p>It is the innermost of the advisors; {@link TransactionAdvicePlacement} takes care that the transaction's advice
 * lies around it. Thread-safe.
 *
 * @since 0.1
 */
public final class TransactionalPublisherAdvisor extends AbstractPointcutAdvisor {

    private final transient Pointcut pointcut =
            AnnotationMatchingPointcut.forMethodAnnotation(TransactionalPublisher.class);
    private final transient MethodInterceptor advice = this::invoke;
    private final transient Map<Method, PublishedResult> results = new ConcurrentHashMap<>();
    private final transient Supplier<MessagePublisher> publisher;

    /**
     * Creates the advisor.
     *
     * @param publisher asked at each call, so that the publisher and all it needs is not created before it can itself be
     *     proxied (advisors are created before all other beans)
     */
    public TransactionalPublisherAdvisor(Supplier<MessagePublisher> publisher) {
        this.publisher = publisher;
        setOrder(Ordered.LOWEST_PRECEDENCE);
    }

    @Override
    public Pointcut getPointcut() {
        return pointcut;
    }

    @Override
    public Advice getAdvice() {
        return advice;
    }

    private @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
        Object target = invocation.getThis();
        Method method = target == null
                ? invocation.getMethod()
                : AopUtils.getMostSpecificMethod(invocation.getMethod(), target.getClass());
        if (!TransactionSynchronizationManager.isActualTransactionActive()) {
            throw new IllegalTransactionStateException("Cannot run " + method + ": it publishes what it returns, and"
                    + " there is no transaction. Its @Transactional must not be NEVER, NOT_SUPPORTED or SUPPORTS, and the"
                    + " transaction's advice must lie outside of the publisher's");
        }
        Object result = invocation.proceed();
        if (result != null) {
            publisher.get().publish(publishedResult(method).message(target, invocation.getArguments(), result));
        }
        return result;
    }

    private PublishedResult publishedResult(Method method) {
        return results.computeIfAbsent(method, m -> new PublishedResult(m, annotationOf(m)));
    }

    private static TransactionalPublisher annotationOf(Method method) {
        TransactionalPublisher annotation =
                AnnotatedElementUtils.findMergedAnnotation(method, TransactionalPublisher.class);
        if (annotation == null) {
            throw new IllegalStateException("Cannot publish what " + method + " returns: the annotation is not on it");
        }
        return annotation;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
