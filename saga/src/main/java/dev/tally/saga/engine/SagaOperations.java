package dev.tally.saga.engine;

import dev.tally.audit.AuditEntry;
import dev.tally.audit.AuditLog;
import dev.tally.saga.definition.Merge;
import dev.tally.saga.message.ReplyOutcome;
import dev.tally.saga.store.Parking;
import dev.tally.saga.store.StoredSaga;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What people do with sagas. Each act is one transaction, with who did it and why in the saga's history and in the audit log;
 * while it runs, nobody else changes the saga. Thread-safe.
 *
 * @since 0.1
 */
public final class SagaOperations {

    private final EngineParts parts;
    private final WorkRunner runner;
    private final AuditLog audit;
    private final Consumer<Object> validator;

    /**
     * Creates the operations.
     *
     * @param audit in the data source of the sagas
     * @param validator throws if changed data is not valid
     */
    public SagaOperations(EngineParts parts, AuditLog audit, Consumer<Object> validator) {
        this.parts = parts;
        this.runner = new WorkRunner(parts);
        this.audit = audit;
        this.validator = validator;
    }

    /**
     * Does {@code act}.
     *
     * @param id the saga's
     * @param actor who does it; not blank
     * @param reason why; not blank
     * @throws UnknownSagaException if there is no such saga
     * @throws SagaActRefusedException if it is not possible as the saga is now; nothing was changed
     */
    public void perform(String id, SagaAct act, String actor, String reason) {
        String title = parts.store().find(id).map(StoredSaga::title).orElse(id);
        AuditEntry entry = new AuditEntry(actor, "saga-" + act.word(), title, reason, act.toString());
        runner.persistently(
                work -> {
                    work.by(actor, reason);
                    SagaRun<?> run = open(work, id, act);
                    work.apply(run, () -> perform(run, act, reason));
                    audit.record(entry);
                },
                new KnownFailures(),
                null);
    }

    /**
     * What {@code act} would do now. Changes nothing.
     *
     * @throws UnknownSagaException if there is no such saga
     * @throws SagaActRefusedException if it would not be possible
     */
    public SagaPreview preview(String id, SagaAct act) {
        StoredSaga saga = parts.store().find(id).orElseThrow(() -> new UnknownSagaException(id));
        SagaRun<?> run = new SagaWork(parts, new KnownFailures()).open(saga, act instanceof SagaAct.Adopt);
        perform(run, act, "preview");
        List<String> effects = new ArrayList<>();
        for (Effect effect = run.nextEffect(); effect != null; effect = run.nextEffect()) {
            effects.add(describe(effect));
        }
        return new SagaPreview(run.state(), run.events(), effects);
    }

    private static String describe(Effect effect) {
        if (effect instanceof Effect.SendCommand command) {
            return "sends " + command.payload() + " to " + command.participant();
        }
        if (effect instanceof Effect.RunLocal<?> local) {
            return (local.undo() ? "undoes" : "does") + " the local step '" + local.step() + "'";
        }
        if (effect instanceof Effect.StartSaga saga) {
            return "starts saga '" + saga.saga() + "' for '" + saga.businessKey() + "'";
        }
        if (effect instanceof Effect.CancelSaga cancel) {
            return "cancels the saga of step '" + cancel.step() + "'";
        }
        if (effect instanceof Effect.TakeSignal signal) {
            return "waits for the signal '" + signal.signal() + "'";
        }
        if (effect instanceof Effect.AcquireLock lock) {
            return "takes the lock '" + lock.resource() + "'";
        }
        return "ends, and gives its locks back";
    }

    private SagaRun<?> open(SagaWork work, String id, SagaAct act) {
        StoredSaga saga =
                parts.store().lock(List.of(id)).stream().findFirst().orElseThrow(() -> new UnknownSagaException(id));
        return work.open(saga, act instanceof SagaAct.Adopt);
    }

    private void perform(SagaRun<?> run, SagaAct act, String reason) {
        try {
            performOn(run, act, reason);
        } catch (NoSuchElementException e) {
            throw new SagaActRefusedException("Cannot " + act.word() + " saga "
                    + run.before().title() + ": " + Opening.message(e) + "; nothing was changed");
        }
        run.advance();
    }

    private <D> void performOn(SagaRun<D> run, SagaAct act, String reason) {
        ByHand<D> byHand = run.byHand();
        if (act instanceof SagaAct.Retry retry) {
            byHand.retryNow(retry.step());
        } else if (act instanceof SagaAct.Skip skip) {
            byHand.skip(skip.step(), substitute(run, skip));
        } else if (act instanceof SagaAct.Compensate compensate) {
            byHand.compensate(compensate.from(), reason);
        } else if (act instanceof SagaAct.Patch patch) {
            byHand.patch(patched(run, patch));
        } else if (act instanceof SagaAct.Resolve resolve) {
            byHand.resolve(resolve.end());
        } else if (act instanceof SagaAct.Quarantine) {
            byHand.quarantine(reason);
        } else if (act instanceof SagaAct.Release || act instanceof SagaAct.Adopt) {
            byHand.release();
        } else if (act instanceof SagaAct.MoveTimer timer) {
            byHand.moveTimer(timer.step(), timer.due());
        } else if (act instanceof SagaAct.CancelTimer timer) {
            byHand.cancelTimer(timer.step());
        }
    }

    private @Nullable Object substitute(SagaRun<?> run, SagaAct.Skip skip) {
        Merge<?, ?> merge = run.definition().stepNames().contains(skip.step())
                ? run.merge(skip.step(), false, ReplyOutcome.DONE)
                : null;
        if (skip.substitute() == null) {
            return null;
        }
        if (merge == null) {
            throw new SagaActRefusedException("Cannot skip step '" + skip.step() + "' of saga "
                    + run.before().title()
                    + " with a substitute: nothing is made of what the step answers; nothing was changed");
        }
        try {
            return parts.data().mapper().readValue(skip.substitute(), merge.type());
        } catch (JacksonException e) {
            throw new SagaActRefusedException("Cannot skip step '" + skip.step() + "' of saga "
                    + run.before().title() + ": the substitute is no "
                    + merge.type().getSimpleName() + ": "
                    + e.getOriginalMessage() + "; nothing was changed");
        }
    }

    private <D> D patched(SagaRun<D> run, SagaAct.Patch patch) {
        JsonMapper mapper = parts.data().mapper();
        try {
            JsonNode merged =
                    merge(mapper.readTree(parts.data().encode(run.data())), mapper.readTree(patch.mergePatch()));
            D data = mapper.treeToValue(merged, run.definition().dataType());
            requireValid(run, data);
            return data;
        } catch (JacksonException e) {
            throw new SagaActRefusedException("Cannot change the data of saga "
                    + run.before().title()
                    + ": what comes of it is no " + run.definition().dataType().getSimpleName() + ": "
                    + e.getOriginalMessage() + "; nothing was changed");
        }
    }

    private void requireValid(SagaRun<?> run, Object data) {
        try {
            validator.accept(data);
        } catch (RuntimeException e) {
            throw new SagaActRefusedException("Cannot change the data of saga "
                    + run.before().title() + ": " + Opening.message(e) + "; nothing was changed");
        }
    }

    private static JsonNode merge(JsonNode target, JsonNode patch) {
        if (!(patch instanceof ObjectNode changes)) {
            return patch;
        }
        ObjectNode merged = target instanceof ObjectNode object ? object : changes.objectNode();
        changes.properties().forEach(change -> {
            // A merge patch says null for "remove"; strict data has every property, so null is kept as a value.
            JsonNode old = merged.get(change.getKey());
            merged.set(
                    change.getKey(),
                    old == null || change.getValue().isNull() ? change.getValue() : merge(old, change.getValue()));
        });
        return merged;
    }

    /** Parks sagas whose version is not defined here, so that people see them; answers how many. */
    public int parkUnknown(String name, int version, String fingerprint, int limit) {
        int[] parked = new int[1];
        runner.once(
                work -> {
                    List<String> ids = parts
                            .store()
                            .open(new dev.tally.saga.store.SagaStore.OpenVersion(name, version, fingerprint), limit)
                            .stream()
                            .filter(saga -> saga.parking() == null)
                            .map(StoredSaga::id)
                            .toList();
                    for (StoredSaga saga : parts.store().lock(ids)) {
                        if (saga.parking() == null && !saga.state().isEnd()) {
                            work.park(
                                    saga,
                                    new Parking(
                                            Parking.Kind.DEFINITION,
                                            "version " + version + " of '" + name
                                                    + "' is not what this build defines"));
                            parked[0]++;
                        }
                    }
                },
                new KnownFailures());
        return parked[0];
    }
}
