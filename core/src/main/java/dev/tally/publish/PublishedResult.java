package dev.tally.publish;

import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;
import org.springframework.context.expression.MethodBasedEvaluationContext;
import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.core.ParameterNameDiscoverer;
import org.springframework.expression.Expression;
import org.springframework.expression.ParseException;
import org.springframework.expression.spel.standard.SpelExpressionParser;

/** How one annotated method's result becomes a message; its expression is parsed once. Thread-safe. */
final class PublishedResult {

    private static final SpelExpressionParser PARSER = new SpelExpressionParser();
    private static final ParameterNameDiscoverer PARAMETER_NAMES = new DefaultParameterNameDiscoverer();

    private final Method method;
    private final TransactionalPublisher annotation;
    private final @Nullable Expression key;

    /** @throws ParseException if the key is no SpEL expression */
    PublishedResult(Method method, TransactionalPublisher annotation) {
        this.method = method;
        this.annotation = annotation;
        this.key = annotation.key().isEmpty() ? null : PARSER.parseExpression(annotation.key());
    }

    OutgoingMessage message(@Nullable Object target, Object[] arguments, Object result) {
        return OutgoingMessage.to(annotation.topic())
                .tag(annotation.tag().isEmpty() ? null : annotation.tag())
                .key(key(target, arguments, result))
                .payload(result)
                .via(annotation.via())
                .build();
    }

    private @Nullable String key(@Nullable Object target, Object[] arguments, Object result) {
        if (key == null) {
            return null;
        }
        MethodBasedEvaluationContext context =
                new MethodBasedEvaluationContext(target != null ? target : result, method, arguments, PARAMETER_NAMES);
        context.setVariable("result", result);
        Object value = key.getValue(context);
        return value == null ? null : value.toString();
    }
}
