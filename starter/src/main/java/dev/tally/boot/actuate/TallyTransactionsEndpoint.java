package dev.tally.boot.actuate;

import dev.tally.half.HalfMessageInspection;
import dev.tally.half.HalfMessagesUnavailableException;
import dev.tally.half.HandDecisions;
import dev.tally.half.OpenHalf;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;

/**
 * {@code /actuator/tallytransactions}: half messages that nobody has decided, and a guarded way to decide them by hand.
 *
 * <pre>
 * GET  /actuator/tallytransactions?max=100
 * POST /actuator/tallytransactions/{transactionId}   {"decision": "commit", "reason": "..", "actor": "..", "force": false}
 * </pre>
 *
 * <p>The actor is the authenticated user; where there is none it must be given.
 */
@Endpoint(id = "tallytransactions")
final class TallyTransactionsEndpoint {

    private static final int DEFAULT_MAX = 100;
    private static final int FORBIDDEN = 403;
    private static final int CONFLICT = 409;

    private final HalfMessageInspection inspection;
    private final @Nullable HandDecisions decisions;

    /** @param decisions {@code null} where decisions by hand are not allowed */
    TallyTransactionsEndpoint(HalfMessageInspection inspection, @Nullable HandDecisions decisions) {
        this.inspection = inspection;
        this.decisions = decisions;
    }

    /**
     * One half message.
     *
     * @param state {@code UNDECIDED}, or {@code PARKED} where the broker has given up asking
     */
    record Entry(
            String transactionId,
            String messageId,
            String topic,
            @Nullable String key,
            String state,
            Instant preparedAt,
            int checks) {

        static Entry of(OpenHalf half) {
            return new Entry(
                    half.transactionId(),
                    half.messageId().value(),
                    half.topic(),
                    half.key(),
                    half.parked() ? "PARKED" : "UNDECIDED",
                    half.preparedAt(),
                    half.checks());
        }
    }

    @ReadOperation
    WebEndpointResponse<Object> undecided(@Nullable Integer max) {
        try {
            List<OpenHalf> open =
                    inspection.undecided(Math.max(1, Optional.ofNullable(max).orElse(DEFAULT_MAX)));
            return new WebEndpointResponse<>(
                    Map.of("halfMessages", open.stream().map(Entry::of).toList()));
        } catch (HalfMessagesUnavailableException e) {
            return refused(WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE, e.getMessage());
        }
    }

    @WriteOperation
    WebEndpointResponse<Object> decide(
            @Selector String transactionId,
            String decision,
            String reason,
            @Nullable String actor,
            @Nullable Boolean force,
            SecurityContext security) {
        if (decisions == null) {
            return refused(
                    FORBIDDEN,
                    "Decisions by hand are not allowed here; tally.half-message.decide-by-hand=true allows them");
        }
        boolean commit;
        switch (decision.toLowerCase(Locale.ROOT)) {
            case "commit" -> commit = true;
            case "rollback" -> commit = false;
            default -> {
                return refused(
                        WebEndpointResponse.STATUS_BAD_REQUEST,
                        "Cannot decide local transaction " + transactionId + " as '" + decision
                                + "': commit and rollback are possible; nothing was done");
            }
        }
        String who = security.getPrincipal() != null
                ? security.getPrincipal().getName()
                : Optional.ofNullable(actor).orElse("");
        try {
            HandDecisions.Outcome outcome =
                    decisions.decide(transactionId, commit, Boolean.TRUE.equals(force), who, reason);
            return new WebEndpointResponse<>(Map.of(
                    "transactionId",
                    transactionId,
                    "messages",
                    outcome.messages(),
                    "ledger",
                    outcome.ledger().name(),
                    "confirmed",
                    outcome.confirmed()));
        } catch (IllegalArgumentException e) {
            return refused(WebEndpointResponse.STATUS_BAD_REQUEST, e.getMessage());
        } catch (IllegalStateException e) {
            return refused(CONFLICT, e.getMessage());
        } catch (HalfMessagesUnavailableException e) {
            return refused(WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE, e.getMessage());
        }
    }

    private static WebEndpointResponse<Object> refused(int status, @Nullable String why) {
        return new WebEndpointResponse<>(Map.of("error", String.valueOf(why)), status);
    }
}
