package dev.tally.saga.participant;

import dev.tally.consume.PayloadTypes;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.support.AopUtils;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.util.ReflectionUtils;

/** One annotated method of one bean, called through the bean's proxy. Thread-safe. */
final class ParticipantMethod {

    /** Propagations with which a method's effects would not be in the barrier's transaction, or it could not be called. */
    private static final List<Propagation> OUT_OF_TRANSACTION =
            List.of(Propagation.REQUIRES_NEW, Propagation.NOT_SUPPORTED, Propagation.NEVER);

    private final String beanName;
    private final Object bean;
    private final Method method;
    private final boolean compensation;
    private final boolean transactional;
    private final boolean ofOthers;
    private final MethodParameters parameters;

    ParticipantMethod(String beanName, Object bean, Method method, SagaAction action) {
        this(beanName, bean, method, false, action.transactional(), false);
    }

    ParticipantMethod(String beanName, Object bean, Method method, SagaCompensation compensation) {
        this(beanName, bean, method, true, compensation.transactional(), compensation.ofOthers());
    }

    private ParticipantMethod(
            String beanName,
            Object bean,
            Method method,
            boolean compensation,
            boolean transactional,
            boolean ofOthers) {
        this.beanName = beanName;
        this.bean = bean;
        this.method = method;
        this.compensation = compensation;
        this.transactional = transactional;
        this.ofOthers = ofOthers;
        this.parameters = new MethodParameters(method, compensation);
    }

    boolean isCompensation() {
        return compensation;
    }

    boolean isTransactional() {
        return transactional;
    }

    boolean isOfOthers() {
        return ofOthers;
    }

    PayloadTypes payloadTypes() {
        return parameters.payloadTypes();
    }

    MethodParameters parameters() {
        return parameters;
    }

    List<String> faults() {
        List<String> faults = new ArrayList<>(parameters.faults());
        resultFaults(faults);
        callFaults(faults);
        transactionFaults(faults);
        return faults;
    }

    private void resultFaults(List<String> faults) {
        ResolvableType result = ResolvableType.forMethodReturnType(method);
        resultFault(result.toClass(), faults);
        if (result.toClass() == StepResult.class) {
            Class<?> payload = result.getGeneric(0).resolve();
            if (payload != null) {
                resultFault(payload, faults);
            }
        }
    }

    private static void resultFault(Class<?> result, List<String> faults) {
        if (Future.class.isAssignableFrom(result)
                || CompletionStage.class.isAssignableFrom(result)
                || Flow.Publisher.class.isAssignableFrom(result)
                || isReactive(result)) {
            faults.add("it returns a " + result.getSimpleName()
                    + ", which would go on after the transaction; do the work before it returns");
        } else if ((result.isPrimitive() && result != void.class)
                || result.isArray()
                || Collection.class.isAssignableFrom(result)
                || Map.class.isAssignableFrom(result)
                || result == Optional.class) {
            faults.add("it returns a " + result.getSimpleName()
                    + ", which is no payload with a type name of its own; return a record");
        }
    }

    private static boolean isReactive(Class<?> result) {
        for (Class<?> each : org.springframework.util.ClassUtils.getAllInterfacesForClass(result)) {
            if (each.getName().equals("org.reactivestreams.Publisher")) {
                return true;
            }
        }
        return false;
    }

    private void callFaults(List<String> faults) {
        int modifiers = method.getModifiers();
        if (Modifier.isPrivate(modifiers)) {
            faults.add("it is private; make it visible");
        } else if (Modifier.isStatic(modifiers)) {
            faults.add("it is static; make it a method of the bean");
        } else if (AopUtils.isCglibProxy(bean) && Modifier.isFinal(modifiers)) {
            faults.add("it is final, so calls do not go through the bean's proxy; open the method");
        } else if (AopUtils.isJdkDynamicProxy(bean)) {
            try {
                AopUtils.selectInvocableMethod(method, bean.getClass());
            } catch (IllegalStateException e) {
                faults.add("the bean is proxied by its interfaces, and none of them has the method");
            }
        }
    }

    private @Nullable Transactional transaction() {
        Transactional asked = AnnotatedElementUtils.findMergedAnnotation(method, Transactional.class);
        return asked != null
                ? asked
                : AnnotatedElementUtils.findMergedAnnotation(AopUtils.getTargetClass(bean), Transactional.class);
    }

    /** The transaction manager that it names for work in the barrier's transaction, empty where it names none. */
    String namedManager() {
        Transactional asked = transaction();
        return asked == null || !transactional ? "" : asked.transactionManager();
    }

    private void transactionFaults(List<String> faults) {
        Transactional asked = transaction();
        if (asked == null) {
            return;
        }
        if (transactional && OUT_OF_TRANSACTION.contains(asked.propagation())) {
            faults.add("it is @Transactional(propagation = " + asked.propagation()
                    + "), so its effects would not be in the transaction of the barrier; take that out, or say"
                    + " transactional = false");
        } else if (!transactional && asked.propagation() == Propagation.MANDATORY) {
            faults.add("it is @Transactional(propagation = MANDATORY) and runs outside of transactions");
        }
    }

    /** Calls it; whatever it throws is thrown. */
    @Nullable Object call(@Nullable Object[] arguments) throws Exception {
        Method invocable = AopUtils.selectInvocableMethod(method, bean.getClass());
        ReflectionUtils.makeAccessible(invocable);
        try {
            return invocable.invoke(bean, arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof Exception exception) {
                throw exception;
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e;
        }
    }

    @Override
    public String toString() {
        return "bean '" + beanName + "', " + method.getDeclaringClass().getSimpleName() + "." + method.getName();
    }
}
