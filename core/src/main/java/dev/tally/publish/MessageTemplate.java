package dev.tally.publish;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.expression.EvaluationContext;
import org.springframework.expression.EvaluationException;
import org.springframework.expression.Expression;
import org.springframework.expression.ParseException;
import org.springframework.expression.PropertyAccessor;
import org.springframework.expression.spel.standard.SpelExpressionParser;
import org.springframework.expression.spel.support.ReflectivePropertyAccessor;
import org.springframework.expression.spel.support.StandardEvaluationContext;
import org.springframework.format.datetime.standard.DurationFormatterUtils;

/** How an annotation makes messages; everything is parsed once. Thread-safe. */
final class MessageTemplate {

    private static final SpelExpressionParser PARSER = new SpelExpressionParser();
    private static final char OF_AN_EXPRESSION = '#';

    private final String occasion;
    private final String topic;
    private final @Nullable Expression topicExpression;
    private final @Nullable String tag;
    private final Via via;
    private final @Nullable Expression payload;
    private final @Nullable Expression condition;
    private final @Nullable Expression key;
    private final Map<String, Expression> headers = new LinkedHashMap<>();
    private final List<String> faults = new ArrayList<>();
    private final @Nullable Expression delayExpression;
    private final Duration delay;
    // Shared by all messages: it remembers how properties are read, which a new one looks up by reflection each time.
    private final List<PropertyAccessor> accessors = List.of(new ReflectivePropertyAccessor());

    /**
     * Parses what an annotation says; what is not understood is told by {@link #faults}.
     *
     * @param occasion when the message is published, for errors: {@code after Orders.place}
     * @param placeholders resolves {@code ${...}}
     */
    MessageTemplate(String occasion, MessageSpec spec, UnaryOperator<String> placeholders) {
        this.occasion = occasion;
        this.topic = placeholders.apply(spec.topic());
        if (topic.isBlank()) {
            faults.add("its topic is blank");
        }
        this.topicExpression = isExpression(topic) ? parse("topic", topic) : null;
        this.tag = spec.tag().isEmpty() ? null : spec.tag();
        this.via = spec.via();
        this.payload = parse("payload", spec.payload());
        this.condition = parse("condition", spec.condition());
        this.key = parse("key", spec.key());
        spec.headers().forEach(this::addHeader);
        String written = placeholders.apply(spec.delay());
        boolean computed = written.indexOf(OF_AN_EXPRESSION) >= 0;
        this.delayExpression = computed ? parse("delay", written) : null;
        this.delay = computed || written.isEmpty() ? Duration.ZERO : fixedDelay(written);
    }

    private Duration fixedDelay(String text) {
        try {
            return duration(text);
        } catch (IllegalArgumentException e) {
            faults.add("its delay '" + text + "' " + e.getMessage());
            return Duration.ZERO;
        }
    }

    private void addHeader(String header) {
        int separator = header.indexOf('=');
        String name = separator < 0 ? "" : header.substring(0, separator).strip();
        Expression value = separator < 0 ? null : parse("header", header.substring(separator + 1));
        if (name.isEmpty() || value == null) {
            faults.add("its header '" + header + "' is not of the form name=expression");
        } else {
            headers.put(name, value);
        }
    }

    private @Nullable Expression parse(String part, String text) {
        if (text.isBlank()) {
            return null;
        }
        try {
            return PARSER.parseExpression(text);
        } catch (ParseException e) {
            faults.add("its " + part + " '" + text + "' is not a SpEL expression: " + e.getSimpleMessage());
            return null;
        }
    }

    private static Duration duration(String text) {
        Duration duration;
        try {
            duration = DurationFormatterUtils.detectAndParse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("is no duration, such as 30s or PT5M", e);
        }
        if (duration.isNegative()) {
            throw new IllegalArgumentException("is less than zero");
        }
        return duration;
    }

    /** What is wrong with the annotation; with anything there, {@link #message} must not be called. */
    List<String> faults() {
        return List.copyOf(faults);
    }

    /** Whether the payload is what the annotation stands at, not something that an expression gives. */
    boolean hasDefaultPayload() {
        return payload == null;
    }

    static boolean isExpression(String topic) {
        return topic.indexOf(OF_AN_EXPRESSION) >= 0;
    }

    /** The topic, as it is written. */
    String topic() {
        return topic;
    }

    /**
     * One message.
     *
     * @param context what expressions see; its way to read properties is replaced
     * @param defaultPayload the payload where no expression gives one
     * @return {@code null} where there is nothing to publish
     * @throws IllegalStateException if an expression fails or gives something of another kind
     */
    @Nullable OutgoingMessage message(StandardEvaluationContext context, @Nullable Object defaultPayload) {
        if (payload == null && defaultPayload == null) {
            return null;
        }
        context.setPropertyAccessors(accessors);
        if (condition != null && !holds(condition, context)) {
            return null;
        }
        Object content = payload == null ? defaultPayload : evaluate("payload", payload, context);
        if (content == null) {
            return null;
        }
        OutgoingMessage.Builder message = OutgoingMessage.to(topic(context))
                .tag(tag)
                .payload(content)
                .via(via)
                .delay(delay(context));
        Object keyValue = key == null ? null : evaluate("key", key, context);
        if (keyValue != null) {
            message.key(keyValue.toString());
        }
        headers.forEach((name, expression) -> {
            Object value = evaluate("header " + name, expression, context);
            if (value != null) {
                message.header(name, value.toString());
            }
        });
        return message.build();
    }

    private String topic(EvaluationContext context) {
        if (topicExpression == null) {
            return topic;
        }
        Object value = evaluate("topic", topicExpression, context);
        if (value == null || value.toString().isBlank()) {
            throw failure("topic", topicExpression, "it gave no name of a topic", null);
        }
        return value.toString();
    }

    private boolean holds(Expression expression, EvaluationContext context) {
        Object value = evaluate("condition", expression, context);
        if (value instanceof Boolean holds) {
            return holds;
        }
        throw failure("condition", expression, "it gave " + value + ", which is neither true nor false", null);
    }

    private Duration delay(EvaluationContext context) {
        if (delayExpression == null) {
            return delay;
        }
        Object value = evaluate("delay", delayExpression, context);
        if (value == null) {
            return Duration.ZERO;
        }
        Duration computed;
        try {
            computed = value instanceof Duration duration
                    ? duration
                    : value instanceof Number millis
                            ? Duration.ofMillis(millis.longValue())
                            : duration(value.toString());
        } catch (IllegalArgumentException e) {
            throw failure("delay", delayExpression, "it gave '" + value + "', which " + e.getMessage(), e);
        }
        if (computed.isNegative()) {
            throw failure("delay", delayExpression, "it gave " + value + ", which is less than zero", null);
        }
        return computed;
    }

    private @Nullable Object evaluate(String part, Expression expression, EvaluationContext context) {
        try {
            return expression.getValue(context);
        } catch (EvaluationException e) {
            throw failure(part, expression, e.getMessage(), e);
        }
    }

    private IllegalStateException failure(
            String part, Expression expression, @Nullable String reason, @Nullable Exception cause) {
        return new IllegalStateException(
                "Cannot publish to '" + topic + "' " + occasion + ": its " + part + " '"
                        + expression.getExpressionString() + "' failed: " + reason + "; the transaction rolls back",
                cause);
    }
}
