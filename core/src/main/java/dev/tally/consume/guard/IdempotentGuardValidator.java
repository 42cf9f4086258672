package dev.tally.consume.guard;

import dev.tally.consume.IdempotentConsumer;
import dev.tally.consume.InvalidConsumerException;
import dev.tally.internal.ProxiedMethods;
import dev.tally.internal.ScopedBeans;
import dev.tally.internal.SelfInvocations;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.Advisor;
import org.springframework.aop.framework.Advised;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.transaction.interceptor.TransactionInterceptor;

/**
 * Finds, at start-up, guarded methods that could not be guarded as promised, and ends it with a list of all of them.
 *
 * @since 0.1
 */
public final class IdempotentGuardValidator implements SmartInitializingSingleton {

    private final ConfigurableListableBeanFactory beanFactory;
    private final IdempotentGuardAdvisor advisor;
    private final Supplier<GuardParts> parts;

    /** Creates the validator of all beans of {@code beanFactory}. */
    public IdempotentGuardValidator(
            ConfigurableListableBeanFactory beanFactory, IdempotentGuardAdvisor advisor, Supplier<GuardParts> parts) {
        this.beanFactory = beanFactory;
        this.advisor = advisor;
        this.parts = parts;
    }

    /** @throws InvalidConsumerException if there are any */
    @Override
    public void afterSingletonsInstantiated() {
        List<String> faults = new ArrayList<>();
        Map<String, String> groups = new HashMap<>();
        Set<String> subscribed = new HashSet<>();
        for (String name : beanFactory.getBeanDefinitionNames()) {
            Class<?> type = ScopedBeans.isBehindProxy(name) ? null : ScopedBeans.targetClass(beanFactory, name);
            if (type != null && AnnotationUtils.isCandidateClass(type, IdempotentConsumer.class)) {
                check(name, type, groups, subscribed, faults);
            }
        }
        groups.forEach((group, where) -> {
            if (subscribed.contains(group)) {
                faults.add(
                        where + ": its group '" + group + "' consumes a topic as well; a message that comes both ways"
                                + " would be handled one way only, so give it another");
            }
        });
        if (!faults.isEmpty()) {
            throw new InvalidConsumerException("Cannot start: " + faults.size()
                    + " faults in methods guarded by @IdempotentConsumer:\n - " + String.join("\n - ", faults));
        }
    }

    private void check(
            String beanName, Class<?> type, Map<String, String> groups, Set<String> subscribed, List<String> faults) {
        Map<Method, IdempotentConsumer> methods =
                MethodIntrospector.selectMethods(type, (MethodIntrospector.MetadataLookup<IdempotentConsumer>)
                        method -> AnnotatedElementUtils.findMergedAnnotation(method, IdempotentConsumer.class));
        boolean scoped = ScopedBeans.isProxy(beanFactory, beanName);
        Object bean = scoped && !methods.isEmpty() ? beanFactory.getBean(beanName) : existing(beanName);
        methods.forEach((method, annotation) -> {
            if (!annotation.topic().isEmpty()) {
                subscribed.add(resolved(annotation.group()));
                return;
            }
            String where = "bean '" + beanName + "', " + type.getSimpleName() + "." + method.getName();
            List<String> found = faults(type, method, bean, scoped);
            String other = groups.putIfAbsent(resolved(annotation.group()), where);
            if (other != null) {
                found.add("its group '" + resolved(annotation.group()) + "' is that of " + other
                        + " too; of two messages with one id, which may mean different things there and here, the second"
                        + " would be left out silently, so give each a group of its own");
            }
            found.forEach(fault -> faults.add(where + ": " + fault));
        });
    }

    /** A bean that is created later, on demand, goes through the same proxying; only what exists can be looked at. */
    private @Nullable Object existing(String beanName) {
        return beanFactory.containsSingleton(beanName) ? beanFactory.getSingleton(beanName) : null;
    }

    /** @param scoped whether {@code bean} is a scoped proxy: what is behind that gets the advice, in each scope anew */
    private List<String> faults(Class<?> type, Method method, @Nullable Object bean, boolean scoped) {
        GuardedMethod guarded = advisor.guarded(method, type);
        List<String> faults = new ArrayList<>(guarded.faults());
        SelfInvocations.of(type, method)
                .forEach(caller -> faults.add(caller
                        + " calls it on the object itself, past the proxy, and nothing would be guarded; call it through"
                        + " another bean"));
        add(
                faults,
                GuardedMethod.TRANSACTION.managerFault(
                        beanFactory, guarded.transactionManager(), parts.get().transactions()));
        String hidden = ProxiedMethods.fault(method);
        add(faults, hidden);
        if (bean != null && hidden == null) {
            String unproxied = ProxiedMethods.fault(bean, method, "the guard");
            add(faults, unproxied);
            if (unproxied == null && !scoped && bean instanceof Advised advised) {
                add(faults, adviceFault(advised));
            }
        }
        return faults;
    }

    private static void add(List<String> faults, @Nullable String fault) {
        if (fault != null) {
            faults.add(fault);
        }
    }

    private static @Nullable String adviceFault(Advised advised) {
        int transaction = -1;
        int guard = -1;
        Advisor[] advisors = advised.getAdvisors();
        for (int i = 0; i < advisors.length; i++) {
            if (advisors[i] instanceof IdempotentGuardAdvisor) {
                guard = i;
            } else if (advisors[i].getAdvice() instanceof TransactionInterceptor && transaction < 0) {
                transaction = i;
            }
        }
        if (guard < 0) {
            return "the guard's advice does not apply to the bean; register IdempotentGuardAdvisor and"
                    + " TransactionAdvicePlacement";
        }
        if (transaction >= 0 && transaction < guard) {
            return "its transaction begins outside of the guard's advice and would commit after some failures; do not"
                    + " choose so high a precedence with @EnableTransactionManagement(order = ...)";
        }
        return null;
    }

    private String resolved(String text) {
        return Objects.requireNonNullElse(beanFactory.resolveEmbeddedValue(text), "");
    }
}
