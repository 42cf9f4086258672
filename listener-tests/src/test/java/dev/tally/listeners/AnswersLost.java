package dev.tally.listeners;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.aopalliance.aop.Advice;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.springframework.aop.Pointcut;
import org.springframework.aop.support.AbstractPointcutAdvisor;
import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.StaticMethodMatcherPointcut;
import org.springframework.core.Ordered;

/**
 * Fails the first call of each listener after its transaction was committed, as if the answer to its broker got lost: the
 * message comes again.
 */
final class AnswersLost extends AbstractPointcutAdvisor {

    /** Listeners whose answers get lost. */
    interface Unlucky {}

    private final Map<String, Integer> calls = new ConcurrentHashMap<>();

    AnswersLost() {
        setOrder(Ordered.HIGHEST_PRECEDENCE);
    }

    int calls(String listener) {
        return calls.getOrDefault(listener, 0);
    }

    private Object invoke(MethodInvocation invocation) throws Throwable {
        Object result = invocation.proceed();
        String name = AopUtils.getTargetClass(invocation.getThis()).getSimpleName();
        if (calls.merge(name, 1, Integer::sum) == 1) {
            throw new IllegalStateException("the answer of " + name + " gets lost");
        }
        return result;
    }

    @Override
    public Pointcut getPointcut() {
        StaticMethodMatcherPointcut pointcut = new StaticMethodMatcherPointcut() {
            @Override
            public boolean matches(java.lang.reflect.Method method, Class<?> type) {
                return method.getName().startsWith("on");
            }
        };
        pointcut.setClassFilter(Unlucky.class::isAssignableFrom);
        return pointcut;
    }

    @Override
    public Advice getAdvice() {
        return (MethodInterceptor) this::invoke;
    }
}
