package dev.tally.consume;

import dev.tally.message.MessageTypes;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The logical type names that a handler takes: its payload class, or the classes that a sealed one permits. Immutable.
 *
 * @since 0.1
 */
public final class PayloadTypes {

    private final Map<String, Class<?>> byName = new TreeMap<>();

    /** The types of {@code payloadClass}. */
    public PayloadTypes(Class<?> payloadClass) {
        add(payloadClass);
    }

    private void add(Class<?> candidate) {
        if (candidate.isSealed()) {
            for (Class<?> permitted : candidate.getPermittedSubclasses()) {
                add(permitted);
            }
        }
        if (!candidate.isInterface() && !java.lang.reflect.Modifier.isAbstract(candidate.getModifiers())) {
            byName.put(MessageTypes.nameOf(candidate), candidate);
        }
    }

    /** The class of a logical name, {@code null} if the handler does not take it. */
    public @Nullable Class<?> classOf(String name) {
        return byName.get(name);
    }

    /** The one class that the handler takes, for messages whose producer names no type; {@code null} where it takes several. */
    public @Nullable Class<?> only() {
        return byName.size() == 1 ? byName.values().iterator().next() : null;
    }

    /** Whether the handler takes a logical name. */
    public boolean contains(String name) {
        return byName.containsKey(name);
    }

    /** Whether there is none at all: an interface or abstract class that is not sealed. */
    public boolean isEmpty() {
        return byName.isEmpty();
    }

    /** The logical names, in their order. */
    public Set<String> names() {
        return Collections.unmodifiableSet(byName.keySet());
    }

    @Override
    public String toString() {
        return byName.keySet().toString();
    }
}
