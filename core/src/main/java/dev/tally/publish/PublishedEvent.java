package dev.tally.publish;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.springframework.context.ApplicationEvent;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.core.annotation.RepeatableContainers;
import org.springframework.expression.spel.support.StandardEvaluationContext;

/** How the events of one class become messages; everything is parsed once. Thread-safe. */
final class PublishedEvent {

    /** For classes without the annotation, so that they need not be looked at again. */
    static final PublishedEvent NONE = new PublishedEvent(List.of(), List.of());

    private final List<MessageTemplate> templates;
    private final List<String> faults;

    private PublishedEvent(List<MessageTemplate> templates, List<String> faults) {
        this.templates = templates;
        this.faults = faults;
    }

    /** Whether there is an annotation on the class or one of its super types. */
    static boolean isAnnotated(Class<?> type) {
        return annotations(type).isPresent(PublishedMessage.class);
    }

    /** Reads the annotations of {@code type}; {@link #NONE} where there are none. */
    static PublishedEvent of(Class<?> type, UnaryOperator<String> placeholders) {
        Map<Class<?>, List<PublishedMessage>> nearest = nearest(type);
        if (nearest.isEmpty()) {
            return NONE;
        }
        List<String> faults = new ArrayList<>();
        if (nearest.size() > 1) {
            faults.add("it has the annotation from several types, of which none is the nearest: "
                    + nearest.keySet().stream().map(Class::getSimpleName).toList() + "; annotate the class itself");
        }
        List<MessageTemplate> templates = nearest.values().iterator().next().stream()
                .map(annotation ->
                        new MessageTemplate("for event " + type.getName(), MessageSpec.of(annotation), placeholders))
                .toList();
        for (MessageTemplate template : templates) {
            faults.addAll(template.faults());
            if (template.hasDefaultPayload() && ApplicationEvent.class.isAssignableFrom(type)) {
                faults.add(
                        "it is an ApplicationEvent and carries its source, which is no payload; name the payload, for"
                                + " instance payload = \"#event.order\"");
            }
        }
        return new PublishedEvent(templates, List.copyOf(faults));
    }

    /** The annotated types among {@code type} and its super types that no other of them is a subtype of. */
    private static Map<Class<?>, List<PublishedMessage>> nearest(Class<?> type) {
        Map<Class<?>, List<PublishedMessage>> byType = new LinkedHashMap<>();
        annotations(type).stream(PublishedMessage.class)
                .forEach(found -> byType.computeIfAbsent(source(found, type), unused -> new ArrayList<>())
                        .add(found.synthesize()));
        List<Class<?>> sources = List.copyOf(byType.keySet());
        byType.keySet().removeIf(candidate -> sources.stream()
                .anyMatch(other -> other != candidate && candidate.isAssignableFrom(other)));
        return byType;
    }

    private static MergedAnnotations annotations(Class<?> type) {
        return MergedAnnotations.search(SearchStrategy.TYPE_HIERARCHY)
                .withRepeatableContainers(
                        RepeatableContainers.explicitRepeatable(PublishedMessage.class, PublishedMessage.List.class))
                .from(type);
    }

    private static Class<?> source(MergedAnnotation<PublishedMessage> found, Class<?> type) {
        return found.getSource() instanceof Class<?> source ? source : type;
    }

    /** What is wrong with the annotations; with anything there, {@link #messages} must not be called. */
    List<String> faults() {
        return faults;
    }

    boolean isEmpty() {
        return templates.isEmpty();
    }

    /**
     * The messages for one event.
     *
     * @throws IllegalStateException if an expression fails or gives something of another kind
     */
    List<OutgoingMessage> messages(Object event) {
        StandardEvaluationContext context = new StandardEvaluationContext(event);
        context.setVariable("event", event);
        return templates.stream()
                .map(template -> template.message(context, event))
                .filter(Objects::nonNull)
                .toList();
    }
}
