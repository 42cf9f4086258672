package dev.tally.boot.actuate;

import static dev.tally.boot.actuate.Refusal.CONFLICT;
import static dev.tally.boot.actuate.Refusal.FORBIDDEN;
import static dev.tally.boot.actuate.Refusal.refused;

import dev.tally.boot.OutboxAccess;
import dev.tally.boot.Outboxes;
import dev.tally.half.LedgerName;
import dev.tally.outbox.OutboxStoreException;
import dev.tally.outbox.operations.OperationRefusedException;
import dev.tally.outbox.operations.OutboxOperations;
import dev.tally.outbox.operations.ParkedFilter;
import dev.tally.outbox.operations.WhoAndWhy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * {@code /actuator/tallyoutbox}: the state of the outbox, what is parked, and a guarded way to change it by hand.
 *
 * <pre>
 * GET  /actuator/tallyoutbox                       the state of all data sources
 * GET  /actuator/tallyoutbox/parked?topic=..       a page of what is parked: after, max, and the filters
 * GET  /actuator/tallyoutbox/parked/{id}           one of them
 * GET  /actuator/tallyoutbox/preview?topic=..      what an act on a filter would be about
 * GET  /actuator/tallyoutbox/waiting?by=topic      waiting rows by topic, key or owner
 * POST /actuator/tallyoutbox/parked/{id}           {"act": "edit|resume|discard", "reason": "..", "actor": ".."}
 * POST /actuator/tallyoutbox/{act}                 {"reason": "..", "actor": ".."}: resume and discard with the filters,
 *                                                  cancel, pause, unpause
 * </pre>
 *
 * <p>The filters: error, type, topic, key, from, until. {@code dataSource} names another one than the primary.
 *
 * <p>The actor is the authenticated user; where there is none it must be given.
 */
@WebEndpoint(id = "tallyoutbox")
final class TallyOutboxEndpoint {

    private static final int DEFAULT_MAX = 100;

    private final Outboxes outboxes;

    TallyOutboxEndpoint(Outboxes outboxes) {
        this.outboxes = outboxes;
    }

    @ReadOperation
    WebEndpointResponse<Object> state() {
        return answering(() -> {
            Map<String, Object> all = new LinkedHashMap<>();
            for (OutboxAccess each : outboxes) {
                all.put(each.name().toString(), OutboxBodies.state(each));
            }
            return new WebEndpointResponse<>(Map.of("dataSources", all));
        });
    }

    @ReadOperation
    WebEndpointResponse<Object> list(
            @Selector String what,
            @Nullable String error,
            @Nullable String type,
            @Nullable String topic,
            @Nullable String key,
            @Nullable Instant from,
            @Nullable Instant until,
            @Nullable Long after,
            @Nullable Integer max,
            @Nullable String by,
            @Nullable String dataSource) {
        ParkedFilter filter = new ParkedFilter(error, type, topic, key, from, until);
        int most = Optional.ofNullable(max).orElse(DEFAULT_MAX);
        return of(dataSource, outbox -> switch (what) {
            case "parked" ->
                ok(OutboxBodies.page(
                        outbox.inspection()
                                .parked(filter, Optional.ofNullable(after).orElse(0L), most),
                        isAllowed(outbox)));
            case "preview" -> ok(OutboxBodies.preview(outbox.inspection().preview(filter), isAllowed(outbox)));
            case "waiting" -> ok(OutboxBodies.waiting(outbox.inspection(), by, most));
            default ->
                refused(
                        WebEndpointResponse.STATUS_NOT_FOUND,
                        "There is no '" + what + "' here: parked, preview and waiting can be read");
        });
    }

    @ReadOperation
    WebEndpointResponse<Object> show(@Selector String what, @Selector long id, @Nullable String dataSource) {
        if (!what.equals("parked")) {
            return refused(WebEndpointResponse.STATUS_NOT_FOUND, "There is no '" + what + "' here: parked has rows");
        }
        return of(dataSource, outbox -> outbox.inspection()
                .find(id)
                .map(entry -> ok(OutboxBodies.one(entry, isAllowed(outbox))))
                .orElseGet(() -> refused(
                        WebEndpointResponse.STATUS_NOT_FOUND,
                        "No outbox row with id " + id + " is parked in " + outbox.name())));
    }

    @WriteOperation
    WebEndpointResponse<Object> actOnOne(
            @Selector String what,
            @Selector long id,
            @Nullable String act,
            @Nullable String payload,
            @Nullable String payloadBase64,
            @Nullable String headers,
            @Nullable Boolean outOfOrder,
            @Nullable String reason,
            @Nullable String actor,
            @Nullable String dataSource,
            SecurityContext security) {
        WhoAndWhy by = by(security, actor, reason);
        return acting(dataSource, operations -> switch (what + " " + lower(act)) {
            case "parked edit" ->
                ok(OutboxBodies.one(operations.edit(id, OutboxBodies.edit(payload, payloadBase64, headers), by), true));
            case "parked resume" ->
                ok(OutboxBodies.done("RESUMED", operations.resume(id, Boolean.TRUE.equals(outOfOrder), by)));
            case "parked discard" -> ok(OutboxBodies.done("DISCARDED", operations.discard(id, by)));
            default ->
                refused(
                        WebEndpointResponse.STATUS_BAD_REQUEST,
                        "Cannot " + act + " row " + id + " of '" + what
                                + "': what is parked can be edited, resumed and discarded; nothing was done");
        });
    }

    @WriteOperation
    WebEndpointResponse<Object> act(
            @Selector String act,
            @Nullable String error,
            @Nullable String type,
            @Nullable String topic,
            @Nullable String key,
            @Nullable Instant from,
            @Nullable Instant until,
            @Nullable Long expected,
            @Nullable Integer perSecond,
            @Nullable Boolean outOfOrder,
            @Nullable String reason,
            @Nullable String actor,
            @Nullable String dataSource,
            SecurityContext security) {
        ParkedFilter filter = new ParkedFilter(error, type, topic, key, from, until);
        WhoAndWhy by = by(security, actor, reason);
        return acting(dataSource, operations -> switch (lower(act)) {
            case "resume" ->
                ok(OutboxBodies.run(
                        operations.resumeAll(filter, expected, perSecond, Boolean.TRUE.equals(outOfOrder), by)));
            case "discard" ->
                expected == null
                        ? refused(
                                WebEndpointResponse.STATUS_BAD_REQUEST,
                                "Cannot discard the parked rows of " + filter
                                        + ": 'expected' must say how many, as the preview did; nothing was done")
                        : ok(OutboxBodies.run(operations.discardAll(filter, expected, by)));
            case "cancel" ->
                operations
                        .latestRun()
                        .map(run -> {
                            run.cancel();
                            return ok(OutboxBodies.run(run));
                        })
                        .orElseGet(() -> refused(
                                WebEndpointResponse.STATUS_NOT_FOUND, "This instance was given nothing to cancel"));
            case "pause" -> {
                operations.pause(by);
                yield ok(Map.of("outcome", "PAUSED"));
            }
            case "unpause" -> {
                operations.unpause(by);
                yield ok(Map.of("outcome", "UNPAUSED"));
            }
            default ->
                refused(
                        WebEndpointResponse.STATUS_BAD_REQUEST,
                        "Cannot '" + act
                                + "': resume, discard, cancel, pause and unpause are possible; nothing was done");
        });
    }

    private static String lower(@Nullable String word) {
        return word == null ? "" : word.toLowerCase(Locale.ROOT);
    }

    private static WhoAndWhy by(SecurityContext security, @Nullable String actor, @Nullable String reason) {
        String who = security.getPrincipal() != null
                ? security.getPrincipal().getName()
                : Optional.ofNullable(actor).orElse("");
        return new WhoAndWhy(who, Optional.ofNullable(reason).orElse(""));
    }

    private static boolean isAllowed(OutboxAccess outbox) {
        return outbox.operations() != null;
    }

    private WebEndpointResponse<Object> acting(
            @Nullable String dataSource, Function<OutboxOperations, WebEndpointResponse<Object>> act) {
        return of(dataSource, outbox -> {
            OutboxOperations operations = outbox.operations();
            return operations == null
                    ? refused(
                            FORBIDDEN,
                            "Operations by hand are not allowed here; tally.outbox.operations=true allows them")
                    : act.apply(operations);
        });
    }

    private WebEndpointResponse<Object> of(
            @Nullable String dataSource, Function<OutboxAccess, WebEndpointResponse<Object>> read) {
        String name = dataSource == null ? LedgerName.PRIMARY.toString() : dataSource;
        OutboxAccess outbox = outboxes.of(name).orElse(null);
        if (outbox == null) {
            List<String> names = new ArrayList<>();
            outboxes.forEach(each -> names.add(each.name().toString()));
            return refused(
                    WebEndpointResponse.STATUS_NOT_FOUND, "There is no data source '" + name + "' here: " + names);
        }
        return answering(() -> read.apply(outbox));
    }

    private static WebEndpointResponse<Object> answering(Supplier<WebEndpointResponse<Object>> answer) {
        try {
            return answer.get();
        } catch (IllegalArgumentException e) {
            return refused(WebEndpointResponse.STATUS_BAD_REQUEST, e.getMessage());
        } catch (OperationRefusedException e) {
            return refused(statusOf(e.found()), e.getMessage());
        } catch (DataAccessException | TransactionException | OutboxStoreException e) {
            return refused(
                    WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE,
                    "The database of the outbox does not answer; nothing was done, unless the connection broke during"
                            + " the commit: " + e.getMessage());
        }
    }

    private static int statusOf(OperationRefusedException.Found found) {
        return switch (found) {
            case NOT_PARKED -> WebEndpointResponse.STATUS_NOT_FOUND;
            case NOTHING_TO_CHANGE, RESERVED_HEADER, PAYLOAD_UNREADABLE -> WebEndpointResponse.STATUS_BAD_REQUEST;
            case OLDER_OF_KEY_PARKED, COUNT_CHANGED, ALREADY_RUNNING, ALREADY_PAUSED, NOT_PAUSED -> CONFLICT;
        };
    }

    private static WebEndpointResponse<Object> ok(Object body) {
        return new WebEndpointResponse<>(body);
    }
}
