package dev.tally.boot.actuate;

import static dev.tally.boot.actuate.Refusal.refused;

import dev.tally.boot.BridgeOperations;
import dev.tally.message.TallyException;
import dev.tally.outbox.bridge.BridgePreview;
import dev.tally.outbox.bridge.BridgeProgress;
import dev.tally.outbox.bridge.OutboxBridge;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * {@code /actuator/tallybridges}: how far the bridges from other outboxes have come, and a way to stop and continue them.
 *
 * <pre>
 * GET  /actuator/tallybridges
 * GET  /actuator/tallybridges/{bridge}
 * GET  /actuator/tallybridges/{bridge}/preview?rows=1000
 * POST /actuator/tallybridges/{bridge}   {"action": "pause" | "resume" | "retry-left"}
 * </pre>
 *
 * <p>A preview asks the mapping what would become of the rows that are next, and changes nothing. Pausing holds in all processes of the service; left rows are tried again by the process that is asked.
 */
@WebEndpoint(id = "tallybridges")
final class TallyBridgesEndpoint {

    private static final int ROWS = 1000;
    private static final int MOST_ROWS = 10_000;

    private final BridgeOperations operations;

    TallyBridgesEndpoint(BridgeOperations operations) {
        this.operations = operations;
    }

    @ReadOperation
    Map<String, Object> bridges() {
        List<Object> all = new ArrayList<>();
        operations.bridges().forEach(bridge -> all.add(told(bridge)));
        return Map.of("bridges", all);
    }

    @ReadOperation
    WebEndpointResponse<Object> bridge(@Selector String bridge) {
        return operations
                .bridges()
                .named(bridge)
                .map(found -> new WebEndpointResponse<Object>(told(found)))
                .orElseGet(() -> unknown(bridge));
    }

    private static Map<String, Object> told(OutboxBridge bridge) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("bridge", bridge.name());
        body.put("mode", bridge.mode());
        try {
            BridgeProgress progress = bridge.progress();
            body.put("state", progress.state());
            body.put("detail", progress.detail());
            body.put("paused", progress.paused());
            body.put("waiting", progress.waiting());
            body.put("oldestSeconds", oldestSeconds(progress));
            body.put("taken", progress.taken());
            body.put("dropped", progress.dropped());
            body.put("left", progress.left());
            body.put("heldBehindLeft", progress.heldInLastRound());
            body.put("ofOthers", progress.ofOthers());
            body.put("drained", progress.isDrained());
        } catch (TallyException | DataAccessException | TransactionException e) {
            body.put("error", String.valueOf(e.getMessage()));
        }
        return body;
    }

    private static long oldestSeconds(BridgeProgress progress) {
        return Optional.ofNullable(progress.oldest())
                .map(age -> age.toSeconds())
                .orElse(0L);
    }

    /** {@code view} is {@code preview}. */
    @ReadOperation
    WebEndpointResponse<Object> view(@Selector String bridge, @Selector String view, @Nullable Integer rows) {
        Optional<OutboxBridge> found = operations.bridges().named(bridge);
        if (found.isEmpty()) {
            return unknown(bridge);
        }
        if (!view.equals("preview")) {
            return refused(WebEndpointResponse.STATUS_NOT_FOUND, "There is a preview of a bridge, and no " + view);
        }
        int asked = rows == null ? ROWS : rows;
        if (asked < 1 || asked > MOST_ROWS) {
            return refused(
                    WebEndpointResponse.STATUS_BAD_REQUEST,
                    "A preview is of 1 to " + MOST_ROWS + " rows, not of " + asked);
        }
        try {
            return new WebEndpointResponse<>(told(found.get().preview(asked)));
        } catch (TallyException | DataAccessException | TransactionException e) {
            return refused(WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE, String.valueOf(e.getMessage()));
        }
    }

    private static Map<String, Object> told(BridgePreview preview) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("bridge", preview.bridge());
        body.put("rows", preview.rows());
        body.put("wouldDeliver", preview.deliver());
        body.put("wouldDrop", preview.drop());
        body.put("wouldLeave", preview.leave());
        return body;
    }

    @WriteOperation
    WebEndpointResponse<Object> operate(@Selector String bridge, @Nullable String action) {
        if (!operations.allowed()) {
            return refused(
                    Refusal.FORBIDDEN,
                    "Bridges are only looked at here; tally.outbox.bridge.operate-by-hand=true allows more");
        }
        Optional<OutboxBridge> found = operations.bridges().named(bridge);
        return found.isPresent() ? operate(found.get(), action == null ? "" : action) : unknown(bridge);
    }

    private static WebEndpointResponse<Object> operate(OutboxBridge bridge, String action) {
        try {
            switch (action.toLowerCase(Locale.ROOT)) {
                case "pause" -> bridge.pause();
                case "resume" -> bridge.resume();
                case "retry-left" -> bridge.retryLeft();
                default -> {
                    return refused(
                            WebEndpointResponse.STATUS_BAD_REQUEST,
                            "Cannot do '" + action + "' with bridge " + bridge.name()
                                    + ": pause, resume and retry-left are possible; nothing was done");
                }
            }
            return new WebEndpointResponse<>(told(bridge));
        } catch (TallyException | DataAccessException | TransactionException e) {
            return refused(WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE, String.valueOf(e.getMessage()));
        }
    }

    private static WebEndpointResponse<Object> unknown(String bridge) {
        return refused(WebEndpointResponse.STATUS_NOT_FOUND, "There is no bridge '" + bridge + "' here");
    }
}
