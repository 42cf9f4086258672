package dev.tally.outbox.bridge;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A method call as transaction-outbox's default serializer writes it. Nothing of it is loaded or called: a mapping reads
 * the arguments and makes a message of them.
 *
 * @param className the class, or what the other's {@code Instantiator} names it by
 * @param methodName the method
 * @param arguments the arguments, in order; those that were null are JSON's null
 * @since 0.1
 */
public record RecordedCall(String className, String methodName, List<JsonNode> arguments) {

    /** Copies the arguments. */
    public RecordedCall {
        arguments = List.copyOf(arguments);
    }

    /**
     * Reads the call of a row.
     *
     * @throws IllegalArgumentException if the payload is of another form, as own serializers may write it
     */
    public static RecordedCall of(BridgedRow row) {
        return parse(row.payload());
    }

    static RecordedCall parse(String invocation) {
        JsonNode call;
        try {
            call = JsonMapper.shared().readTree(invocation);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("the recorded call is not JSON", e);
        }
        JsonNode className = call.get("c");
        JsonNode methodName = call.get("m");
        // The first version of the format has type and value of each argument among the parameters.
        JsonNode arguments = call.has("a") ? call.get("a") : call.get("p");
        if (className == null || methodName == null || arguments == null || !arguments.isArray()) {
            throw new IllegalArgumentException("the recorded call is not of the default serializer's form");
        }
        List<JsonNode> values = new ArrayList<>();
        for (JsonNode argument : arguments) {
            values.add(argument.path("v"));
        }
        return new RecordedCall(className.asString(), methodName.asString(), values);
    }

    /**
     * The argument at {@code index}, from 0.
     *
     * @throws IllegalArgumentException if there are fewer
     */
    public JsonNode argument(int index) {
        if (index >= arguments.size()) {
            throw new IllegalArgumentException("the recorded call has " + arguments.size()
                    + " arguments, and the mapping asks for one more than that");
        }
        return arguments.get(index);
    }

    /** Class and method, as {@code com.acme.Mailer#send}: the type of the row. */
    public String name() {
        return className + "#" + methodName;
    }
}
