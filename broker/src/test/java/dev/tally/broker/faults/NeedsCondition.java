package dev.tally.broker.faults;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Decides about tests that {@link Needs} something. */
final class NeedsCondition implements ExecutionCondition {

    private static final Map<Means, Optional<String>> TRIED = new ConcurrentHashMap<>();

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        List<Means> needed = AnnotationSupport.findAnnotation(context.getElement(), Needs.class)
                .map(needs -> Arrays.asList(needs.value()))
                .orElse(List.of());
        boolean buildServer = "true".equalsIgnoreCase(System.getenv("CI"));
        return decide(needed, means -> TRIED.computeIfAbsent(means, Means::missing), buildServer);
    }

    static ConditionEvaluationResult decide(
            List<Means> needed, Function<Means, Optional<String>> missing, boolean buildServer) {
        List<String> absent =
                needed.stream().map(missing).flatMap(Optional::stream).toList();
        if (absent.isEmpty()) {
            return ConditionEvaluationResult.enabled("The machine has what is needed");
        }
        String reason = "Missing on this machine: " + String.join("; ", absent);
        if (buildServer) {
            throw new IllegalStateException(reason + ". With CI=true this is an error; install or allow it");
        }
        return ConditionEvaluationResult.disabled(reason);
    }
}
