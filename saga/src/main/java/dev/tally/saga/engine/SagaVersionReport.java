package dev.tally.saga.engine;

import dev.tally.saga.store.SagaStore;
import dev.tally.saga.store.StoredSaga;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Says at start-up which sagas cannot go on with this build: their version is not defined here and no other migrates from it,
 * or the definition of their version is another one now. Thread-safe.
 *
 * @since 0.1
 */
public final class SagaVersionReport {

    private static final int MOST_LOOKED_AT = 10_000;

    private final SagaStore store;
    private final SagaDefinitions definitions;

    /** Creates the report. */
    public SagaVersionReport(SagaStore store, SagaDefinitions definitions) {
        this.store = store;
        this.definitions = definitions;
    }

    /**
     * Sagas that cannot go on.
     *
     * @param version which they have
     * @param isGone whether their version is not defined here at all, which is usual for a while when a newer build is rolled
     *     out beside this one; otherwise it was changed
     * @param count how many
     * @param text for people, with how many are at which step
     */
    public record Finding(SagaStore.OpenVersion version, boolean isGone, long count, String text) {}

    /** All of them; none if every open saga can go on here. */
    public List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        store.openVersions().forEach((version, count) -> {
            Optional<String> fingerprint = definitions
                    .find(version.name(), version.version())
                    .map(dev.tally.saga.definition.SagaDefinition::fingerprint);
            boolean isMigrated = definitions.migrationTarget(version.name(), version.version()) != null;
            if (fingerprint.isEmpty() ? !isMigrated : !fingerprint.get().equals(version.fingerprint())) {
                findings.add(new Finding(
                        version, fingerprint.isEmpty(), count, text(version, fingerprint.isEmpty(), count)));
            }
        });
        return findings;
    }

    private String text(SagaStore.OpenVersion version, boolean isGone, long count) {
        Map<String, Long> bySteps = store.open(version, MOST_LOOKED_AT).stream()
                .collect(Collectors.groupingBy(SagaVersionReport::where, TreeMap::new, Collectors.counting()));
        String where = bySteps.entrySet().stream()
                .map(entry -> entry.getValue() + " at " + entry.getKey())
                .collect(Collectors.joining(", "));
        return count + " sagas '" + version.name() + "' of version " + version.version()
                + " cannot continue with this build, "
                + (isGone
                        ? "which does not define that version, nor a migration from it"
                        : "whose definition of that version is another one than they began with")
                + ": " + where;
    }

    private static String where(StoredSaga saga) {
        String steps = saga.steps().entrySet().stream()
                .filter(step -> !step.getValue().state().isPassed())
                .map(step -> "'" + step.getKey() + "' " + step.getValue().state())
                .sorted()
                .collect(Collectors.joining(" and "));
        return steps.isEmpty() ? "their beginning" : steps;
    }
}
