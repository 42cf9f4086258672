package dev.tally.message;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * All {@linkplain PayloadUpcaster steps} from earlier payloads to the present ones, checked: every message comes to an end.
 * Thread-safe.
 *
 * @since 0.1
 */
public final class PayloadUpcasters {

    private static final PayloadUpcasters NONE = new PayloadUpcasters(List.of(), JsonMapper.shared());

    private final Map<String, List<PayloadUpcaster>> byType = new HashMap<>();
    private final JsonMapper mapper;

    private PayloadUpcasters(List<PayloadUpcaster> steps, JsonMapper mapper) {
        for (PayloadUpcaster step : steps) {
            byType.computeIfAbsent(step.from(), type -> new ArrayList<>()).add(step);
        }
        this.mapper = mapper;
    }

    /** No steps: payloads are what they were. */
    public static PayloadUpcasters none() {
        return NONE;
    }

    /**
     * Checks {@code steps} and puts them together.
     *
     * @param mapper reads and writes the payloads that a step is taken for
     * @throws InvalidUpcastersException if they lead from a type back to it
     */
    public static PayloadUpcasters of(List<PayloadUpcaster> steps, JsonMapper mapper) {
        PayloadUpcasters upcasters = new PayloadUpcasters(steps, mapper);
        Set<String> ended = new HashSet<>();
        for (String type : upcasters.byType.keySet()) {
            upcasters.requireEnd(type, new LinkedHashSet<>(), ended);
        }
        return upcasters;
    }

    private void requireEnd(String type, Set<String> path, Set<String> ended) {
        if (ended.contains(type)) {
            return;
        }
        if (!path.add(type)) {
            List<String> circle = new ArrayList<>(path);
            circle.add(type);
            throw new InvalidUpcastersException("Cannot put the payload upcasters together: they lead in a circle, "
                    + String.join(" -> ", circle.subList(circle.indexOf(type), circle.size()))
                    + "; take out the one that leads back");
        }
        for (PayloadUpcaster step : steps(type)) {
            if (!step.to().equals(type)) {
                requireEnd(step.to(), path, ended);
            }
        }
        path.remove(type);
        ended.add(type);
    }

    private List<PayloadUpcaster> steps(String type) {
        return byType.getOrDefault(type, List.of());
    }

    /**
     * The types that a message of {@code type} may be made into, itself included: if a handler takes none of them, it can
     * handle no such message.
     */
    public Set<String> reachableFrom(String type) {
        Set<String> reached = new LinkedHashSet<>();
        Deque<String> open = new ArrayDeque<>(List.of(type));
        while (!open.isEmpty()) {
            String next = open.removeFirst();
            if (reached.add(next)) {
                steps(next).forEach(step -> open.add(step.to()));
            }
        }
        return reached;
    }

    /** What a handler decodes. */
    public static final class Upcast {

        private final String type;
        private final byte[] payload;

        private Upcast(String type, byte[] payload) {
            this.type = type;
            this.payload = payload;
        }

        /** The logical name. */
        public String type() {
            return type;
        }

        /** The bytes, the message's own where no step was taken; not to be changed. */
        public byte[] payload() {
            return payload;
        }
    }

    /**
     * Takes the steps for one message.
     *
     * @param taken whether the handler takes a type
     * @throws PayloadUnreadableException if the payload is no JSON or a step failed; trying again will not help
     */
    public Upcast apply(Message message, Predicate<String> taken) {
        String type = message.type();
        if (!byType.containsKey(type)) {
            return new Upcast(type, message.payload());
        }
        JsonNode tree = read(message);
        boolean changed = false;
        // Ends: among steps that change the type there is no circle.
        while (true) {
            for (PayloadUpcaster correction : steps(type)) {
                if (correction.to().equals(type) && applies(correction, message, tree)) {
                    tree = upcast(correction, message, tree);
                    changed = true;
                }
            }
            PayloadUpcaster step = taken.test(type) ? null : next(type, message, tree);
            if (step == null) {
                return new Upcast(type, changed ? write(message, tree) : message.payload());
            }
            tree = upcast(step, message, tree);
            type = step.to();
            changed = true;
        }
    }

    private @Nullable PayloadUpcaster next(String type, Message message, JsonNode tree) {
        for (PayloadUpcaster step : steps(type)) {
            if (!step.to().equals(type) && applies(step, message, tree)) {
                return step;
            }
        }
        return null;
    }

    private JsonNode read(Message message) {
        try {
            return mapper.readerFor(JsonNode.class)
                    .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .readValue(message.payload());
        } catch (JacksonException e) {
            throw new PayloadUnreadableException(
                    "Cannot read " + message.payload().length + " bytes of " + message.type()
                            + " as JSON for its upcaster: " + e.getOriginalMessage(),
                    e);
        }
    }

    private byte[] write(Message message, JsonNode tree) {
        try {
            return mapper.writeValueAsBytes(tree);
        } catch (JacksonException e) {
            throw new PayloadUnreadableException(
                    "Cannot write what the upcasters made of " + message.type() + ": " + e.getOriginalMessage(), e);
        }
    }

    private static boolean applies(PayloadUpcaster step, Message message, JsonNode tree) {
        try {
            return step.appliesTo(tree, message.headers());
        } catch (RuntimeException e) {
            throw failed(step, e);
        }
    }

    private static JsonNode upcast(PayloadUpcaster step, Message message, JsonNode tree) {
        JsonNode made;
        try {
            made = step.upcast(tree, message.headers());
        } catch (RuntimeException e) {
            throw failed(step, e);
        }
        if (made == null) {
            throw new PayloadUnreadableException("Cannot make a " + step.to() + " of a " + step.from() + ": "
                    + step.getClass().getName() + " gave back null");
        }
        return made;
    }

    private static PayloadUnreadableException failed(PayloadUpcaster step, RuntimeException e) {
        return new PayloadUnreadableException(
                "Cannot make a " + step.to() + " of a " + step.from() + ": "
                        + step.getClass().getName() + " failed: " + e,
                e);
    }
}
