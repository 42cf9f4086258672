package dev.tally.consume;

import dev.tally.transport.Subscription;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.support.AopUtils;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.util.ReflectionUtils;

/** One annotated method of one bean, called through the bean's proxy. */
final class ConsumerMethod implements PayloadHandler {

    private final String beanName;
    private final Object bean;
    private final Method method;
    private final IdempotentConsumer annotation;
    private final HandlerParameters parameters;
    private final Subscription subscription;
    private final IdExpression ids;

    /**
     * Creates it.
     *
     * @param resolver resolves placeholders in the topic, the group and the tags
     * @param customizer changes what the annotation asks for
     */
    ConsumerMethod(
            String beanName,
            Object bean,
            Method method,
            IdempotentConsumer annotation,
            UnaryOperator<String> resolver,
            SubscriptionCustomizer customizer) {
        this.beanName = beanName;
        this.bean = bean;
        this.method = method;
        this.annotation = annotation;
        this.parameters = new HandlerParameters(method);
        this.ids = new IdExpression(annotation.id());
        this.subscription = customizer.customize(new Subscription(
                resolver.apply(annotation.topic()),
                resolver.apply(annotation.group()),
                resolver.apply(annotation.tags()),
                annotation.concurrency(),
                annotation.ordered(),
                annotation.maxAttempts(),
                annotation.batch(),
                annotation.minConcurrency() == 0 ? annotation.concurrency() : annotation.minConcurrency(),
                annotation.maxRate() == 0 ? Double.POSITIVE_INFINITY : annotation.maxRate(),
                annotation.broadcast()));
    }

    Subscription subscription() {
        return subscription;
    }

    /** Where its messages get their ids. */
    IdExpression ids() {
        return ids;
    }

    /** The name of the data source in which it works, empty for the primary one. */
    String dataSource() {
        return annotation.dataSource();
    }

    Class<?> payloadClass() {
        return parameters.payloadClass();
    }

    ConsumeFailureRules rules(ConsumeFailureRules others) {
        return new AnnotatedFailureRules(annotation, others);
    }

    @Nullable String holeIn(TransactionHoles holes, PlatformTransactionManager inbox) {
        return holes.of(method, AopUtils.getTargetClass(bean), inbox);
    }

    List<String> faults() {
        List<String> faults = new ArrayList<>();
        signatureFaults(faults);
        resultFaults(faults);
        callFaults(faults);
        AnnotatedFailureRules.contradictions(annotation)
                .forEach(name -> faults.add("it says more than one thing about " + name
                        + ": name it in one of deadLetterFor, skipFor and stopFor"));
        if (subscription.topic().isBlank()) {
            faults.add("its topic is blank");
        }
        if (ids.fault() != null) {
            faults.add(ids.fault());
        }
        if (subscription.group().isBlank()) {
            faults.add("its group is blank");
        }
        if (subscription.concurrency() < 1) {
            faults.add("its concurrency is " + subscription.concurrency() + ", at least 1 is possible");
        } else if (subscription.minConcurrency() < 1 || subscription.minConcurrency() > subscription.concurrency()) {
            faults.add("its minConcurrency is " + subscription.minConcurrency() + ", from 1 to its concurrency "
                    + subscription.concurrency() + " is possible");
        }
        if (!(subscription.messagesPerSecond() > 0)) {
            faults.add("its maxRate is " + subscription.messagesPerSecond() + ", which would let nothing begin");
        }
        if (subscription.batch() < 1) {
            faults.add("its batch is " + subscription.batch() + ", at least 1 is possible");
        }
        if (subscription.maxAttempts() < 1) {
            faults.add("its maxAttempts is " + subscription.maxAttempts() + ", at least 1 is possible");
        }
        return faults;
    }

    private void signatureFaults(List<String> faults) {
        if (!parameters.fit()) {
            faults.add(
                    "its parameters must be the payload, or Spring's Message of it, and optionally a MessageContext and"
                            + " Headers, or a List of payloads and optionally a List of MessageContext");
        } else if (new PayloadTypes(parameters.payloadClass()).isEmpty()) {
            faults.add("its payload " + parameters.payloadClass().getSimpleName()
                    + " is abstract and not sealed, so it has no type names; take a class or a sealed type");
        }
    }

    private void resultFaults(List<String> faults) {
        Class<?> result = method.getReturnType();
        if (Future.class.isAssignableFrom(result)
                || CompletionStage.class.isAssignableFrom(result)
                || Flow.Publisher.class.isAssignableFrom(result)) {
            faults.add("it returns a " + result.getSimpleName()
                    + ", which would go on after the transaction; do the work before it returns");
        }
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

    @Override
    public void handle(Object payload, MessageContext context) throws Exception {
        invoke(List.of(payload), List.of(context));
    }

    @Override
    public boolean takesValidOnly() {
        return parameters.takeValidOnly();
    }

    @Override
    public boolean takesAll() {
        return parameters.takesAll();
    }

    @Override
    public void handleAll(List<Object> payloads, List<MessageContext> contexts) throws Exception {
        invoke(payloads, contexts);
    }

    private void invoke(List<Object> payloads, List<MessageContext> contexts) throws Exception {
        Method invocable = AopUtils.selectInvocableMethod(method, bean.getClass());
        ReflectionUtils.makeAccessible(invocable);
        try {
            invocable.invoke(bean, parameters.arguments(payloads, contexts));
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
