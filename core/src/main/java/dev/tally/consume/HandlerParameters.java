package dev.tally.consume;

import dev.tally.message.Headers;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ResolvableType;

/**
 * What the parameters of a handler method take: the payload first, by itself or as Spring's {@code Message}, then its
 * context or headers in any order; or all payloads of a batch, and their contexts.
 */
final class HandlerParameters {

    private static final String SPRING_MESSAGE = "org.springframework.messaging.Message";

    private enum Kind {
        PAYLOAD,
        SPRING_MESSAGE,
        CONTEXT,
        HEADERS,
        ALL_PAYLOADS,
        ALL_CONTEXTS
    }

    private final List<Kind> kinds = new ArrayList<>();
    private final @Nullable Class<?> payloadClass;
    private final boolean valid;

    HandlerParameters(Method method) {
        List<ResolvableType> types = new ArrayList<>();
        for (int i = 0; i < method.getParameterCount(); i++) {
            types.add(ResolvableType.forMethodParameter(method, i));
        }
        payloadClass = types.isEmpty() ? null : payloadClass(types.get(0));
        valid = !types.isEmpty()
                && Stream.of(method.getParameterAnnotations()[0])
                        .anyMatch(annotation ->
                                annotation.annotationType().getSimpleName().startsWith("Valid"));
        boolean fits = payloadClass != null;
        for (int i = 1; i < types.size(); i++) {
            Optional<Kind> kind = further(types.get(i));
            kind.ifPresent(kinds::add);
            fits = fits && kind.isPresent();
        }
        if (!fits) {
            kinds.clear();
        }
    }

    private @Nullable Class<?> payloadClass(ResolvableType first) {
        boolean all = first.resolve() == List.class;
        boolean wrapped = first.resolve() != null && first.resolve().getName().equals(SPRING_MESSAGE);
        Class<?> found = all || wrapped ? first.getGeneric(0).resolve() : first.resolve();
        if (found == null || found.isPrimitive() || found == MessageContext.class || found == Headers.class) {
            return null;
        }
        kinds.add(all ? Kind.ALL_PAYLOADS : wrapped ? Kind.SPRING_MESSAGE : Kind.PAYLOAD);
        return found;
    }

    private Optional<Kind> further(ResolvableType type) {
        if (takesAll()) {
            return type.resolve() == List.class && type.getGeneric(0).resolve() == MessageContext.class
                    ? Optional.of(Kind.ALL_CONTEXTS)
                    : Optional.empty();
        }
        if (type.resolve() == MessageContext.class) {
            return Optional.of(Kind.CONTEXT);
        }
        return type.resolve() == Headers.class ? Optional.of(Kind.HEADERS) : Optional.empty();
    }

    boolean fit() {
        return !kinds.isEmpty();
    }

    /** {@link Object} where the parameters do not fit. */
    Class<?> payloadClass() {
        return payloadClass == null ? Object.class : payloadClass;
    }

    /** Whether the payload is annotated with {@code @Valid}, {@code @Validated} or an annotation of a name like these. */
    boolean takeValidOnly() {
        return valid;
    }

    /** Whether the method takes all messages of a batch in one call. */
    boolean takesAll() {
        return !kinds.isEmpty() && kinds.get(0) == Kind.ALL_PAYLOADS;
    }

    Object[] arguments(List<Object> payloads, List<MessageContext> contexts) {
        return kinds.stream()
                .map(kind -> switch (kind) {
                    case PAYLOAD -> payloads.get(0);
                    case SPRING_MESSAGE -> SpringMessages.of(payloads.get(0), contexts.get(0));
                    case CONTEXT -> contexts.get(0);
                    case HEADERS -> contexts.get(0).headers();
                    case ALL_PAYLOADS -> payloads;
                    case ALL_CONTEXTS -> contexts;
                })
                .toArray();
    }
}
