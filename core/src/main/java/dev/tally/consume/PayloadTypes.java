package dev.tally.consume;

import dev.tally.message.MessageTypes;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The logical type names that a handler takes: its payload class, or the classes that a sealed one permits. */
final class PayloadTypes {

    private final Map<String, Class<?>> byName = new TreeMap<>();

    PayloadTypes(Class<?> payloadClass) {
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

    @Nullable Class<?> classOf(String name) {
        return byName.get(name);
    }

    boolean contains(String name) {
        return byName.containsKey(name);
    }

    /** Whether there is none at all: an interface or abstract class that is not sealed. */
    boolean isEmpty() {
        return byName.isEmpty();
    }

    @Override
    public String toString() {
        return byName.keySet().toString();
    }
}
