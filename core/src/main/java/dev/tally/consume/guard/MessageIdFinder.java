package dev.tally.consume.guard;

import dev.tally.message.MessageId;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.context.expression.MethodBasedEvaluationContext;
import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.core.ParameterNameDiscoverer;
import org.springframework.expression.EvaluationException;
import org.springframework.expression.Expression;
import org.springframework.expression.ParseException;
import org.springframework.expression.spel.standard.SpelExpressionParser;

/** Finds the id of the message that a guarded method is called for. Thread-safe. */
final class MessageIdFinder {

    private static final ParameterNameDiscoverer PARAMETER_NAMES = new DefaultParameterNameDiscoverer();

    private record Candidate(int parameter, MessageIdSource<?> source) {}

    /** What expressions see as root object. */
    static final class Root {

        private final Object target;
        private final Object[] args;

        Root(Object target, Object[] args) {
            this.target = target;
            this.args = args;
        }

        /** The bean. */
        public Object getTarget() {
            return target;
        }

        /** The arguments. */
        public Object[] getArgs() {
            return args;
        }
    }

    private final Method method;
    private final String group;
    private final String text;
    private final @Nullable Expression expression;
    private final List<Candidate> candidates;
    private final @Nullable String fault;

    MessageIdFinder(Method method, String group, String text, List<MessageIdSource<?>> sources) {
        this.method = method;
        this.group = group;
        this.text = text;
        this.candidates = text.isEmpty() ? candidates(method, sources) : List.of();
        Expression parsed = null;
        String wrong = null;
        if (!text.isEmpty()) {
            try {
                parsed = new SpelExpressionParser().parseExpression(text);
            } catch (ParseException e) {
                wrong = "its id '" + text + "' is not a SpEL expression: " + e.getSimpleMessage();
            }
        } else if (candidates.isEmpty()) {
            wrong =
                    "it cannot be told which message it is called for; say id = an expression for what tells one message"
                            + " from another (id = \"#order.id\"), or take the message as a parameter, one of "
                            + names(sources);
        }
        this.expression = parsed;
        this.fault = wrong;
    }

    private static List<Candidate> candidates(Method method, List<MessageIdSource<?>> sources) {
        List<Candidate> found = new ArrayList<>();
        Class<?>[] types = method.getParameterTypes();
        for (int i = 0; i < types.length; i++) {
            for (MessageIdSource<?> source : sources) {
                if (source.type().isAssignableFrom(types[i])) {
                    found.add(new Candidate(i, source));
                    break;
                }
            }
        }
        return found;
    }

    private static List<String> names(List<MessageIdSource<?>> sources) {
        return sources.stream().map(source -> source.type().getName()).toList();
    }

    /** What keeps ids from being found, for people; with anything there, {@link #find} must not be called. */
    @Nullable String fault() {
        return fault;
    }

    /** @throws MessageIdMissingException if there is none, or none can be read */
    MessageIdentity find(Object target, Object[] arguments) {
        return expression != null ? evaluate(expression, target, arguments) : ask(arguments);
    }

    private MessageIdentity evaluate(Expression parsed, Object target, Object[] arguments) {
        Object value;
        try {
            value = parsed.getValue(
                    new MethodBasedEvaluationContext(new Root(target, arguments), method, arguments, PARAMETER_NAMES));
        } catch (EvaluationException e) {
            throw new MessageIdMissingException(missing("its id '" + text + "' failed: " + e.getMessage()), e);
        }
        String id = value instanceof MessageId given ? given.value() : value == null ? "" : value.toString();
        if (id.isBlank()) {
            throw new MessageIdMissingException(missing("its id '" + text + "' gave "
                    + (value == null ? "null" : "a blank text") + "; let it name something that each message has"));
        }
        return new MessageIdentity(id, null);
    }

    private MessageIdentity ask(Object[] arguments) {
        List<String> found = new ArrayList<>();
        for (Candidate candidate : candidates) {
            Object argument = arguments[candidate.parameter()];
            String name = candidate.source().type().getName();
            if (argument == null) {
                found.add("the " + name + " is null");
                continue;
            }
            MessageIdentity identity = identity(candidate.source(), argument);
            if (identity != null && !identity.id().isBlank()) {
                return identity;
            }
            found.add("the " + name + " has none (" + candidate.source().remedy() + ")");
        }
        throw new MessageIdMissingException(
                missing(String.join(", ", found) + "; or say id = an expression for what tells one from another"));
    }

    private <T> @Nullable MessageIdentity identity(MessageIdSource<T> source, Object argument) {
        try {
            return source.identityOf(source.type().cast(argument));
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new MessageIdMissingException(
                    missing("that of a " + source.type().getName() + " cannot be read"), e);
        }
    }

    private String missing(String what) {
        return "Cannot tell which message " + method.getDeclaringClass().getSimpleName() + "." + method.getName()
                + " (group " + group + ") is called for: " + what + ". It was not called";
    }
}
