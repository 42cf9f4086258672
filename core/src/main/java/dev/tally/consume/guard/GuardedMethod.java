package dev.tally.consume.guard;

import dev.tally.consume.IdempotentConsumer;
import dev.tally.internal.JoinedTransaction;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import java.util.stream.BaseStream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.interceptor.TransactionAttribute;
import org.springframework.transaction.support.DefaultTransactionDefinition;
import org.springframework.util.ClassUtils;

/** One guarded method of one class; everything in its annotation is read once. Thread-safe. */
final class GuardedMethod {

    static final JoinedTransaction TRANSACTION = new JoinedTransaction("the guard", "the message");

    private static final Set<String> OF_GUARDS = Set.of("topic", "group", "id");
    private static final int MAX_GROUP = 255;

    private final Method method;
    private final IdempotentConsumer annotation;
    private final String group;
    private final ResolvableType result;
    private final @Nullable TransactionAttribute attribute;
    private final MessageIdFinder ids;
    private final @Nullable ReplyCodec replies;

    /**
     * Reads the annotation; what is wrong with it is told by {@link #faults}.
     *
     * @param type the bean's class, which may say more about the method's result than the method does
     * @param placeholders resolves {@code ${...}}
     */
    GuardedMethod(
            Method method,
            Class<?> type,
            IdempotentConsumer annotation,
            GuardParts parts,
            UnaryOperator<String> placeholders) {
        this.method = method;
        this.annotation = annotation;
        this.group = placeholders.apply(annotation.group());
        this.result = ResolvableType.forMethodReturnType(method, type);
        this.attribute = parts.attributes().getTransactionAttribute(method, type);
        this.ids = new MessageIdFinder(method, group, annotation.id(), parts.sources());
        this.replies = returnsNothing() ? null : new ReplyCodec(toString(), parts.mapper(), result);
    }

    /** The annotation of a guard, of the method or one that it overrides; {@code null} for any other method. */
    static @Nullable IdempotentConsumer annotationOf(Method method) {
        IdempotentConsumer found = AnnotatedElementUtils.findMergedAnnotation(method, IdempotentConsumer.class);
        return found == null || !found.topic().isEmpty() ? null : found;
    }

    String group() {
        return group;
    }

    MessageIdFinder ids() {
        return ids;
    }

    /** Writes and reads what the method returns; {@code null} if it returns nothing. */
    @Nullable ReplyCodec replies() {
        return replies;
    }

    /** The transaction that the method's own {@code @Transactional} takes part in: as long, and as isolated, as that asks. */
    TransactionDefinition definition() {
        DefaultTransactionDefinition definition =
                new DefaultTransactionDefinition(TransactionDefinition.PROPAGATION_REQUIRED);
        definition.setName(ClassUtils.getQualifiedMethodName(method));
        if (attribute != null) {
            definition.setIsolationLevel(attribute.getIsolationLevel());
            definition.setTimeout(attribute.getTimeout());
        }
        return definition;
    }

    /** The name of the transaction manager that the method asks for; blank for the default one. */
    String transactionManager() {
        return attribute == null ? "" : Objects.requireNonNullElse(attribute.getQualifier(), "");
    }

    /** What is wrong with the annotation; with anything there, the method must not be called. */
    List<String> faults() {
        List<String> faults = new ArrayList<>();
        if (group.isBlank() || group.length() > MAX_GROUP) {
            faults.add("its group '" + group + "' has " + group.length() + " characters, between 1 and " + MAX_GROUP
                    + " are possible");
        }
        subscriptionFaults(faults);
        if (ids.fault() != null) {
            faults.add(ids.fault());
        }
        resultFaults(faults);
        if (attribute != null) {
            faults.addAll(TRANSACTION.faults(attribute));
        }
        return faults;
    }

    /** What says how a topic is consumed says nothing here. */
    private void subscriptionFaults(List<String> faults) {
        AnnotationUtils.getAnnotationAttributes(annotation).forEach((name, value) -> {
            if (!OF_GUARDS.contains(name)
                    && !Objects.deepEquals(value, AnnotationUtils.getDefaultValue(annotation, name))) {
                faults.add("its " + name + " has no effect, because it has no topic and others call it; say that to"
                        + " those, or give it a topic");
            }
        });
    }

    private void resultFaults(List<String> faults) {
        Class<?> type = method.getReturnType();
        if (Future.class.isAssignableFrom(type)
                || CompletionStage.class.isAssignableFrom(type)
                || Flow.Publisher.class.isAssignableFrom(type)
                || type.getName().equals("org.reactivestreams.Publisher")
                || type.getName().startsWith("reactor.core.publisher.")
                || BaseStream.class.isAssignableFrom(type)) {
            faults.add("it returns a " + type.getSimpleName()
                    + ", which would go on after the transaction; do the work before it returns");
        } else if (!returnsNothing() && result.resolve(Object.class) == Object.class) {
            faults.add("it returns some Object, and what is kept for a repeated message is read again as that; let it"
                    + " return a class, or nothing");
        }
    }

    private boolean returnsNothing() {
        return method.getReturnType() == void.class || method.getReturnType() == Void.class;
    }

    @Override
    public String toString() {
        return method.getDeclaringClass().getSimpleName() + "." + method.getName();
    }
}
