package dev.tally.consume;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The rules of one annotation. The failure and then its causes are looked at; the first of them that a rule names decides,
 * and of several rules the nearest class.
 */
final class AnnotatedFailureRules implements ConsumeFailureRules {

    private final Map<FailureAction, List<Class<? extends Throwable>>> named = new EnumMap<>(FailureAction.class);
    private final ConsumeFailureRules others;

    /** @param others decide about what no rule names */
    AnnotatedFailureRules(IdempotentConsumer annotation, ConsumeFailureRules others) {
        named.put(FailureAction.STOP, List.of(annotation.stopFor()));
        named.put(FailureAction.DEAD_LETTER, List.of(annotation.deadLetterFor()));
        named.put(FailureAction.SKIP, List.of(annotation.skipFor()));
        this.others = others;
    }

    /** Classes that more than one rule names. */
    static List<String> contradictions(IdempotentConsumer annotation) {
        List<Class<?>> all = new ArrayList<>(List.of(annotation.stopFor()));
        all.addAll(List.of(annotation.deadLetterFor()));
        all.addAll(List.of(annotation.skipFor()));
        return all.stream()
                .filter(each -> all.indexOf(each) != all.lastIndexOf(each))
                .map(Class::getSimpleName)
                .distinct()
                .toList();
    }

    @Override
    public FailureAction actionFor(MessageContext message, Throwable failure) {
        for (@Nullable Throwable each = failure; each != null; each = each.getCause()) {
            Optional<FailureAction> action = nearest(each.getClass());
            if (action.isPresent()) {
                return action.get();
            }
        }
        return others.actionFor(message, failure);
    }

    private Optional<FailureAction> nearest(Class<?> thrown) {
        for (@Nullable Class<?> type = thrown; type != null; type = type.getSuperclass()) {
            for (Map.Entry<FailureAction, List<Class<? extends Throwable>>> rule : named.entrySet()) {
                if (rule.getValue().contains(type)) {
                    return Optional.of(rule.getKey());
                }
            }
        }
        return Optional.empty();
    }
}
