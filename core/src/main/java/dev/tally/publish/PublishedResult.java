package dev.tally.publish;

import java.lang.reflect.Method;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.context.expression.MethodBasedEvaluationContext;
import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.core.ParameterNameDiscoverer;

/** How one annotated method's result becomes one message; everything is parsed once. Thread-safe. */
final class PublishedResult {

    private static final ParameterNameDiscoverer PARAMETER_NAMES = new DefaultParameterNameDiscoverer();

    private final Method method;
    private final MessageTemplate template;

    /**
     * Parses an annotation; what is not understood is told by {@link #faults}.
     *
     * @param placeholders resolves {@code ${...}}
     */
    PublishedResult(Method method, TransactionalPublisher annotation, UnaryOperator<String> placeholders) {
        this.method = method;
        String occasion = "after " + method.getDeclaringClass().getSimpleName() + "." + method.getName();
        this.template = new MessageTemplate(occasion, MessageSpec.of(annotation), placeholders);
    }

    /** What is wrong with the annotation; with anything there, {@link #message} must not be called. */
    List<String> faults() {
        return template.faults();
    }

    /**
     * The message for one call.
     *
     * @return {@code null} where there is nothing to publish
     * @throws IllegalStateException if an expression fails or gives something of another kind
     */
    @Nullable OutgoingMessage message(@Nullable Object target, Object[] arguments, @Nullable Object result) {
        // SpEL wants some root; there is a target but where somebody proxies without one.
        MethodBasedEvaluationContext context =
                new MethodBasedEvaluationContext(target != null ? target : method, method, arguments, PARAMETER_NAMES);
        context.setVariable("result", result);
        return template.message(context, result);
    }
}
