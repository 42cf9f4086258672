package dev.tally.saga.engine;

import dev.tally.saga.definition.SagaDefinition;
import dev.tally.saga.definition.SagaMigration;
import dev.tally.saga.store.Parking;
import dev.tally.saga.store.StepProgress;
import dev.tally.saga.store.StoredSaga;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes a saga that is kept one that can go on: with its definition, or migrated to a later one. Thread-safe. */
final class Opening {

    private final EngineParts parts;

    Opening(EngineParts parts) {
        this.parts = parts;
    }

    /** Whether this application has a definition with which the saga can go on. */
    boolean isPossible(StoredSaga saga) {
        return parts.definitions().known(saga.name(), saga.definitionVersion()) != null
                || parts.definitions().migrationTarget(saga.name(), saga.definitionVersion()) != null;
    }

    /**
     * The saga, ready to go on.
     *
     * @param adopting whether it goes on with a definition that was changed since it began
     * @throws DefinitionFailure if it cannot
     */
    SagaRun<?> open(StoredSaga saga, Instant now, boolean adopting) {
        SagaDefinitions.Known<?> known = parts.definitions().known(saga.name(), saga.definitionVersion());
        if (known == null) {
            return migrate(saga, now);
        }
        String fingerprint = known.definition().fingerprint();
        if (!adopting
                && !fingerprint.equals(saga.fingerprint())
                && !saga.state().isEnd()) {
            throw new DefinitionFailure(
                    saga.id(),
                    new Parking(
                            Parking.Kind.DEFINITION,
                            "the definition " + known.definition()
                                    + " is not the one with which the saga began; give what was changed another version"));
        }
        return run(known, saga, now);
    }

    private <D> SagaRun<D> run(SagaDefinitions.Known<D> known, StoredSaga saga, Instant now) {
        for (Map.Entry<String, StepProgress> step : saga.steps().entrySet()) {
            if (!known.definition().stepNames().contains(step.getKey())) {
                throw new DefinitionFailure(
                        saga.id(),
                        new Parking(
                                Parking.Kind.DEFINITION,
                                "the definition " + known.definition() + " has no step '" + step.getKey()
                                        + "', which the saga has at "
                                        + step.getValue().state()));
            }
        }
        try {
            D data = parts.data()
                    .decode(saga.title(), saga.data(), known.definition().dataType());
            return new SagaRun<>(known.definition(), known.graph(), saga, data, now, parts.random());
        } catch (SagaDataUnreadableException e) {
            throw new DefinitionFailure(saga.id(), new Parking(Parking.Kind.ERROR, message(e)), e);
        }
    }

    private SagaRun<?> migrate(StoredSaga saga, Instant now) {
        SagaDefinitions.Known<?> target = parts.definitions().migrationTarget(saga.name(), saga.definitionVersion());
        if (target == null) {
            throw new DefinitionFailure(
                    saga.id(),
                    new Parking(
                            Parking.Kind.DEFINITION,
                            "version " + saga.definitionVersion() + " of '" + saga.name()
                                    + "' is not defined here, and no other one migrates from it"));
        }
        StoredSaga migrated;
        try {
            migrated = migrated(saga, target.definition());
        } catch (RuntimeException e) {
            throw new DefinitionFailure(
                    saga.id(),
                    new Parking(
                            Parking.Kind.DEFINITION,
                            "the migration to " + target.definition() + " failed: " + message(e)),
                    e);
        }
        return run(target, migrated, now);
    }

    private StoredSaga migrated(StoredSaga saga, SagaDefinition<?> target) {
        SagaMigration migration = target.migrations().stream()
                .filter(each -> each.from() == saga.definitionVersion())
                .findFirst()
                .orElseThrow();
        Map<String, String> names = new LinkedHashMap<>();
        saga.steps().keySet().forEach(name -> names.put(name, name));
        SagaMigration.Migrated changed = migration
                .change()
                .apply(new SagaMigration.Migrated(parts.data().mapper().readTree(saga.data()), names));
        return StoredSagas.migrated(saga, target, parts.data().encode(changed.data()), changed.steps());
    }

    static String message(@Nullable Throwable failure) {
        if (failure == null) {
            return "unknown";
        }
        String message = failure.getMessage();
        return message == null || message.isBlank() ? failure.getClass().getName() : message;
    }
}
