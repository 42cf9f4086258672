package dev.tally.saga.definition;

import dev.tally.message.MessageIds;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;

/** Digests what a running saga depends on. Functions cannot be compared, so a change of theirs is not seen. */
final class Fingerprint {

    private Fingerprint() {}

    static String of(SagaDefinition<?> definition) {
        StringBuilder text = new StringBuilder();
        text.append(definition.name()).append('\n');
        for (SagaStep<?> step : definition.steps()) {
            text.append(step.name())
                    .append('|')
                    .append(step.kind())
                    .append('|')
                    .append(new TreeSet<>(step.after()))
                    .append('|')
                    .append(step.guards())
                    .append('|')
                    .append(step.action().word())
                    .append('|')
                    .append(step.undo().word())
                    .append('\n');
        }
        describe(definition.dataType(), text, new LinkedHashSet<>());
        return MessageIds.digest(text.toString());
    }

    private static void describe(Class<?> type, StringBuilder text, Set<Class<?>> seen) {
        if (!type.isRecord() || !seen.add(type)) {
            return;
        }
        text.append("record");
        for (RecordComponent component : type.getRecordComponents()) {
            text.append(' ')
                    .append(component.getName())
                    .append(':')
                    .append(component.getType().getSimpleName());
        }
        text.append('\n');
        for (RecordComponent component : type.getRecordComponents()) {
            describe(component.getType(), text, seen);
        }
    }
}
