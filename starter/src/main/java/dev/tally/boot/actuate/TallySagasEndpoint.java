package dev.tally.boot.actuate;

import static dev.tally.boot.actuate.Refusal.CONFLICT;
import static dev.tally.boot.actuate.Refusal.FORBIDDEN;
import static dev.tally.boot.actuate.Refusal.refused;

import dev.tally.boot.saga.SagaAccess;
import dev.tally.saga.SagaState;
import dev.tally.saga.engine.SagaAct;
import dev.tally.saga.engine.SagaActRefusedException;
import dev.tally.saga.engine.SagaOperations;
import dev.tally.saga.engine.SagaPreview;
import dev.tally.saga.engine.UnknownSagaException;
import dev.tally.saga.lock.LockNotHeldException;
import dev.tally.saga.view.SagaDiagram;
import dev.tally.saga.view.SagaExplanation;
import java.security.Principal;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;

/**
 * {@code /actuator/tallysagas}: sagas, what happened to them, and a guarded way to act on them.
 *
 * <pre>
 * GET  /actuator/tallysagas?saga=..&amp;state=..&amp;max=..   how many by state, and the oldest: open ones if no state is said
 * GET  /actuator/tallysagas/definitions             the definitions, with diagrams
 * GET  /actuator/tallysagas/locks                   who has a lock, since when, and who waits for it
 * POST /actuator/tallysagas/locks                   {"act": "release-lock", "resource": .., "owner": the saga that has it,
 *                                                   "reason": .., "actor": ..}
 * GET  /actuator/tallysagas/{id}                    timeline, attempts, changes of data, strays, a diagram
 * POST /actuator/tallysagas/{id}                    {"act": "retry|skip|compensate|patch|resolve|quarantine|release|adopt|
 *                                                   move-timer|cancel-timer", "step": .., "substitute": "JSON",
 *                                                   "patch": "JSON", "end": "COMPLETED|COMPENSATED", "due": ..,
 *                                                   "preview": true, "reason": .., "actor": ..}
 * </pre>
 *
 * <p>The actor is the authenticated user; where there is none it must be given. Data is shown, and acts are possible, only where
 * {@code tally.saga.operations} allows it.
 */
@WebEndpoint(id = "tallysagas")
final class TallySagasEndpoint {

    private static final int DEFAULT_MAX = 100;
    private static final int MOST_SHOWN = 1_000;
    private static final String LOCKS = "locks";
    private static final String RELEASE_LOCK = "release-lock";

    private final SagaAccess sagas;

    TallySagasEndpoint(SagaAccess sagas) {
        this.sagas = sagas;
    }

    @ReadOperation
    WebEndpointResponse<Object> list(@Nullable String saga, @Nullable String state, @Nullable Integer max) {
        SagaState wanted;
        try {
            wanted = state == null ? null : SagaState.valueOf(state.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            return refused(
                    WebEndpointResponse.STATUS_BAD_REQUEST,
                    "'" + state + "' is no state of a saga; there are " + List.of(SagaState.values()));
        }
        int most = Math.max(0, Math.min(Optional.ofNullable(max).orElse(DEFAULT_MAX), MOST_SHOWN));
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("open", sagas.search().counts());
        body.put("sagas", sagas.search().find(saga, wanted, most));
        return new WebEndpointResponse<>(body);
    }

    @ReadOperation
    WebEndpointResponse<Object> show(@Selector String id) {
        if (id.equals("definitions")) {
            return new WebEndpointResponse<>(sagas.definitions().all().stream()
                    .map(definition -> Map.of(
                            "name", definition.name(),
                            "version", definition.version(),
                            "fingerprint", definition.fingerprint(),
                            "steps", definition.stepNames(),
                            "diagram", SagaDiagram.of(definition)))
                    .toList());
        }
        if (id.equals(LOCKS)) {
            return new WebEndpointResponse<>(sagas.locks().locks(MOST_SHOWN));
        }
        return sagas.views()
                .explain(id)
                .map(found -> new WebEndpointResponse<Object>(sagas.operations() == null ? withoutData(found) : found))
                .orElseGet(() -> refused(WebEndpointResponse.STATUS_NOT_FOUND, "There is no saga " + id));
    }

    private static SagaExplanation withoutData(SagaExplanation saga) {
        return new SagaExplanation(
                saga.id(),
                saga.name(),
                saga.definitionVersion(),
                saga.businessKey(),
                saga.state(),
                saga.parked(),
                saga.startedAt(),
                saga.endedAt(),
                saga.wakeAt(),
                saga.deadlineAt(),
                "shown only with tally.saga.operations",
                saga.steps(),
                saga.timeline().stream()
                        .map(moment -> new SagaExplanation.Moment(
                                moment.version(),
                                moment.at(),
                                moment.events(),
                                moment.actor(),
                                moment.reason(),
                                Map.of()))
                        .toList(),
                saga.waiting(),
                saga.strays(),
                saga.diagram());
    }

    @WriteOperation
    WebEndpointResponse<Object> act(
            @Selector String id,
            String act,
            @Nullable String step,
            @Nullable String substitute,
            @Nullable String patch,
            @Nullable String end,
            @Nullable Instant due,
            @Nullable String resource,
            @Nullable String owner,
            @Nullable Boolean preview,
            @Nullable String reason,
            @Nullable String actor,
            SecurityContext security) {
        SagaOperations operations = sagas.operations();
        if (operations == null) {
            return refused(
                    FORBIDDEN, "Cannot " + act + " sagas here: tally.saga.operations is false; nothing was done");
        }
        Principal user = security.getPrincipal();
        String who = user != null ? user.getName() : Optional.ofNullable(actor).orElse("");
        String why = Optional.ofNullable(reason).orElse("");
        try {
            if (id.equals(LOCKS)) {
                return releaseLock(act, resource, owner, who, why);
            }
            SagaAct wanted = SagaActs.of(act, step, substitute, patch, end, due);
            if (Boolean.TRUE.equals(preview)) {
                SagaPreview would = operations.preview(id, wanted);
                return new WebEndpointResponse<>(would);
            }
            operations.perform(id, wanted, who, why);
            return show(id);
        } catch (IllegalArgumentException e) {
            return refused(WebEndpointResponse.STATUS_BAD_REQUEST, e.getMessage());
        } catch (UnknownSagaException e) {
            return refused(WebEndpointResponse.STATUS_NOT_FOUND, e.getMessage());
        } catch (SagaActRefusedException | LockNotHeldException e) {
            return refused(CONFLICT, e.getMessage());
        }
    }

    private WebEndpointResponse<Object> releaseLock(
            String act, @Nullable String resource, @Nullable String owner, String who, String why) {
        if (!act.equals(RELEASE_LOCK) || resource == null || owner == null || who.isBlank() || why.isBlank()) {
            throw new IllegalArgumentException("Cannot " + act + " a lock: " + RELEASE_LOCK
                    + " with 'resource', its 'owner', 'reason' and, where nobody is logged in, 'actor' is possible;"
                    + " nothing was done");
        }
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("resource", resource);
        body.put("takenFrom", owner);
        body.put("passedTo", sagas.locks().release(resource, owner, who, why).orElse(null));
        return new WebEndpointResponse<>(body);
    }
}
