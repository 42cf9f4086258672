package dev.tally.publish;

import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.aopalliance.aop.Advice;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.Pointcut;
import org.springframework.aop.support.AbstractPointcutAdvisor;
import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.StaticMethodMatcherPointcut;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.TransactionManager;
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

    private final transient Pointcut pointcut = new AnnotatedMethods();
    private final transient MethodInterceptor advice = this::invoke;
    private final transient Map<Method, List<PublishedResult>> results = new ConcurrentHashMap<>();
    private final transient Supplier<MessagePublisher> publisher;
    private final transient UnaryOperator<String> placeholders;

    /**
     * Creates the advisor.
     *
     * @param publisher asked at each call, so that the publisher and all it needs is not created before it can itself be
     *     proxied (advisors are created before all other beans)
     * @param placeholders resolves {@code ${...}} in annotations
     */
    public TransactionalPublisherAdvisor(Supplier<MessagePublisher> publisher, UnaryOperator<String> placeholders) {
        this.publisher = publisher;
        this.placeholders = placeholders;
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
        requireInnermost(method);
        Object result = invocation.proceed();
        for (PublishedResult published : results.computeIfAbsent(method, this::parse)) {
            OutgoingMessage message = published.message(target, invocation.getArguments(), result);
            if (message != null) {
                publisher.get().publish(message);
            }
        }
        return result;
    }

    /** Who takes part in a transaction, inside of which another manager's has begun, would publish with that other one. */
    private static void requireInnermost(Method method) {
        TransactionMark innermost = TransactionMark.innermost();
        TransactionManager asked = innermost == null ? null : AskedTransactionManager.ofInnermostMethod();
        if (innermost != null && asked != null && !innermost.mayBeOf(asked)) {
            throw new IllegalTransactionStateException("Cannot run " + method + ": it takes part in a transaction on "
                    + TransactionMarks.resourceOf(asked) + ", but one on " + innermost
                    + " has begun since, and what it publishes would leave with that one. Let it begin its own"
                    + " (REQUIRES_NEW), or call it outside of the other one");
        }
    }

    private List<PublishedResult> parse(Method method) {
        List<PublishedResult> parsed = annotationsOf(method).stream()
                .map(annotation -> new PublishedResult(method, annotation, placeholders))
                .toList();
        List<String> faults = parsed.stream()
                .flatMap(published -> published.faults().stream())
                .toList();
        if (!faults.isEmpty()) {
            throw new InvalidPublisherException(
                    "Cannot publish what " + method + " returns: " + String.join("; ", faults));
        }
        return parsed;
    }

    /** The annotations of a method or of one that it overrides, in their order. */
    static Set<TransactionalPublisher> annotationsOf(Method method) {
        return AnnotatedElementUtils.findMergedRepeatableAnnotations(
                method, TransactionalPublisher.class, TransactionalPublisher.List.class);
    }

    private static final class AnnotatedMethods extends StaticMethodMatcherPointcut {

        AnnotatedMethods() {
            setClassFilter(type -> AnnotationUtils.isCandidateClass(
                    type, List.of(TransactionalPublisher.class, TransactionalPublisher.List.class)));
        }

        @Override
        public boolean matches(Method method, Class<?> targetClass) {
            return !annotationsOf(AopUtils.getMostSpecificMethod(method, targetClass))
                    .isEmpty();
        }
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
