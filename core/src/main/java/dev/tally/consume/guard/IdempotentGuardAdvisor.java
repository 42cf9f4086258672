package dev.tally.consume.guard;

import dev.tally.consume.IdempotentConsumer;
import dev.tally.consume.InvalidConsumerException;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
import org.springframework.context.expression.AnnotatedElementKey;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.AnnotationUtils;

/**
 * Calls methods that are annotated with {@link IdempotentConsumer}, without a topic, once for each message.
 *
 * <p>It lies around the transaction's advice, which then takes part in the guard's transaction; whatever has chosen an
 * order lies around it, such as what tries a call again. Thread-safe.
 *
 * @since 0.1
 */
public final class IdempotentGuardAdvisor extends AbstractPointcutAdvisor {

    /** Outside of the transaction's advice, inside of everything that chose an order. */
    static final int ORDER = Ordered.LOWEST_PRECEDENCE - 200;

    private final transient Pointcut pointcut = new GuardedMethods();
    private final transient MethodInterceptor advice = this::invoke;
    private final transient Map<AnnotatedElementKey, GuardedMethod> methods = new ConcurrentHashMap<>();
    private final transient Supplier<GuardParts> parts;
    private final transient UnaryOperator<String> placeholders;

    /**
     * Creates the advisor.
     *
     * @param parts asked when methods are called, so that the inbox and all it needs is not created before it can itself be
     *     proxied (advisors are created before all other beans)
     * @param placeholders resolves {@code ${...}} in annotations
     */
    public IdempotentGuardAdvisor(Supplier<GuardParts> parts, UnaryOperator<String> placeholders) {
        this.parts = parts;
        this.placeholders = placeholders;
        setOrder(ORDER);
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
        Object target = Objects.requireNonNull(invocation.getThis(), "guarded methods are those of beans");
        Method method = AopUtils.getMostSpecificMethod(invocation.getMethod(), target.getClass());
        GuardedMethod guarded = methods.computeIfAbsent(
                new AnnotatedElementKey(method, target.getClass()), key -> read(method, target.getClass()));
        MessageIdentity identity = guarded.ids().find(target, invocation.getArguments());
        return new GuardedCall(guarded, parts.get(), identity).run(invocation::proceed);
    }

    private GuardedMethod read(Method method, Class<?> type) {
        GuardedMethod guarded = guarded(method, type);
        List<String> faults = guarded.faults();
        if (!faults.isEmpty()) {
            throw new InvalidConsumerException("Cannot guard " + method + ": " + String.join("; ", faults));
        }
        return guarded;
    }

    GuardedMethod guarded(Method method, Class<?> type) {
        IdempotentConsumer annotation =
                Objects.requireNonNull(GuardedMethod.annotationOf(method), "the pointcut matches annotated methods");
        return new GuardedMethod(method, type, annotation, parts.get(), placeholders);
    }

    private static final class GuardedMethods extends StaticMethodMatcherPointcut {

        GuardedMethods() {
            setClassFilter(type -> AnnotationUtils.isCandidateClass(type, IdempotentConsumer.class));
        }

        @Override
        public boolean matches(Method method, Class<?> targetClass) {
            return GuardedMethod.annotationOf(AopUtils.getMostSpecificMethod(method, targetClass)) != null;
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
