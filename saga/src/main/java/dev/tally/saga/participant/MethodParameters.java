package dev.tally.saga.participant;

import dev.tally.consume.PayloadTypes;
import dev.tally.message.EncodedPayload;
import dev.tally.message.PayloadCodec;
import dev.tally.message.PayloadUnreadableException;
import dev.tally.saga.StepContext;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the parameters of a participant's method take: the payload first, then context and undo token in any order. */
final class MethodParameters {

    private enum Kind {
        PAYLOAD,
        CONTEXT,
        TOKEN
    }

    private final List<Kind> kinds = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();
    private @Nullable Class<?> payloadClass;
    private @Nullable Class<?> tokenClass;
    private final PayloadTypes payloadTypes;
    private final PayloadTypes tokenTypes;

    MethodParameters(Method method, boolean compensation) {
        Parameter[] parameters = method.getParameters();
        for (int i = 0; i < parameters.length; i++) {
            Class<?> type = parameters[i].getType();
            if (parameters[i].isAnnotationPresent(UndoToken.class)) {
                token(type, compensation);
            } else if (type == StepContext.class) {
                add(Kind.CONTEXT, "two StepContexts");
            } else {
                payload(i, type);
            }
        }
        payloadTypes = new PayloadTypes(payloadClass == null ? Object.class : payloadClass);
        tokenTypes = new PayloadTypes(tokenClass == null ? Object.class : tokenClass);
        if (payloadClass == null) {
            faults.add(
                    "it takes no payload, by whose type commands are told apart; give it one as its first parameter");
        }
    }

    private void payload(int position, Class<?> type) {
        if (position > 0) {
            faults.add("its parameter " + (position + 1) + ", of " + type.getSimpleName()
                    + ", is nothing that it could get: it gets the payload first, optionally a StepContext, and a"
                    + " compensation an @UndoToken");
            return;
        }
        payloadClass = type;
        kinds.add(Kind.PAYLOAD);
        if (type.isPrimitive() || type.isArray() || new PayloadTypes(type).isEmpty()) {
            faults.add("its payload " + type.getSimpleName()
                    + " is abstract and not sealed, primitive or an array, so it has no type names; take a class or a"
                    + " sealed type");
        }
    }

    private void token(Class<?> type, boolean compensation) {
        if (!compensation) {
            faults.add("it takes an @UndoToken, which compensations get; it is an action");
        }
        if (type.isPrimitive()) {
            faults.add("its @UndoToken is a primitive " + type + ", and there may be none; take the class");
        } else if (type.isArray() || new PayloadTypes(type).isEmpty()) {
            faults.add(
                    "its @UndoToken " + type.getSimpleName()
                            + " is an array, or abstract and not sealed, so it could not be read; take a class or a sealed type");
        }
        tokenClass = type;
        add(Kind.TOKEN, "two @UndoTokens");
    }

    private void add(Kind kind, String twice) {
        if (kinds.contains(kind)) {
            faults.add("it takes " + twice);
        }
        kinds.add(kind);
    }

    List<String> faults() {
        return faults;
    }

    PayloadTypes payloadTypes() {
        return payloadTypes;
    }

    /** @throws PayloadUnreadableException if the token cannot be read */
    @Nullable Object[] arguments(Object payload, StepContext context, @Nullable EncodedPayload token, PayloadCodec codec) {
        @Nullable Object[] arguments = new @Nullable Object[kinds.size()];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = switch (kinds.get(i)) {
                case PAYLOAD -> payload;
                case CONTEXT -> context;
                case TOKEN -> token == null ? null : read(token, codec);
            };
        }
        return arguments;
    }

    private Object read(EncodedPayload token, PayloadCodec codec) {
        Class<?> type = tokenTypes.classOf(token.type());
        if (type == null) {
            throw new UndoTokenUnreadableException("Cannot read the undo token of the step: it is of type '"
                    + token.type() + "', its compensation takes " + tokenTypes);
        }
        return codec.decode(token.bytes(), type);
    }
}
