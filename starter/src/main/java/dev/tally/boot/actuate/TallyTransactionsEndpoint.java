package dev.tally.boot.actuate;

import static dev.tally.boot.actuate.Refusal.refused;

import dev.tally.half.HalfMessageInspection;
import dev.tally.half.HalfMessageList;
import dev.tally.half.HalfMessagePath;
import dev.tally.half.HalfMessagesUnavailableException;
import dev.tally.half.HandDecisionRefusedException;
import dev.tally.half.HandDecisions;
import dev.tally.half.OpenHalf;
import dev.tally.message.MessageId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
 * {@code /actuator/tallytransactions}: half messages that nobody has decided, and a guarded way to decide them by hand.
 *
 * <pre>
 * GET  /actuator/tallytransactions?max=100
 * GET  /actuator/tallytransactions/{transactionId}
 * POST /actuator/tallytransactions/{transactionId}   {"decision": "commit", "reason": "..", "actor": "..", "force": false}
 * </pre>
 *
 * <p>Tally's broker tells everything of this service's producer group that is undecided or parked. RocketMQ's brokers tell
 * only what they have parked, decided since or not; of the undecided there are those that this process knows.
 *
 * <p>The actor is the authenticated user; where there is none it must be given.
 */
@WebEndpoint(id = "tallytransactions")
final class TallyTransactionsEndpoint {

    private static final int DEFAULT_MAX = 100;
    private static final int MOST = 1_000;

    private final HalfMessageInspection inspection;
    private final List<HalfMessagePath> paths;
    private final @Nullable HandDecisions decisions;

    /**
     * @param paths what this process has under way, for each of its data sources
     * @param decisions {@code null} where decisions by hand are not allowed
     */
    TallyTransactionsEndpoint(
            HalfMessageInspection inspection, List<HalfMessagePath> paths, @Nullable HandDecisions decisions) {
        this.inspection = inspection;
        this.paths = List.copyOf(paths);
        this.decisions = decisions;
    }

    /**
     * One half message.
     *
     * @param state {@code UNDECIDED}, or {@code PARKED} where the broker has given up asking
     * @param knownBy {@code broker}, or {@code process} where only this process knows it
     */
    record Entry(
            String transactionId,
            String messageId,
            String topic,
            @Nullable String key,
            String state,
            Instant preparedAt,
            int checks,
            String knownBy) {

        static Entry of(OpenHalf half, String knownBy) {
            return new Entry(
                    half.transactionId(),
                    half.messageId().value(),
                    half.topic(),
                    half.key(),
                    half.parked() ? "PARKED" : "UNDECIDED",
                    half.preparedAt(),
                    half.checks(),
                    knownBy);
        }
    }

    @ReadOperation
    WebEndpointResponse<Object> undecided(@Nullable Integer max) {
        int most = Math.max(1, Math.min(MOST, Optional.ofNullable(max).orElse(DEFAULT_MAX)));
        try {
            HalfMessageList list = inspection.undecided(most);
            Map<String, Object> body = new LinkedHashMap<>();
            body.put("halfMessages", entries(list.halves(), ownHalves(), most));
            body.put("brokersTell", list.complete() ? "undecided and parked" : "parked");
            return new WebEndpointResponse<>(body);
        } catch (HalfMessagesUnavailableException e) {
            return new WebEndpointResponse<>(
                    Map.of(
                            "error",
                            String.valueOf(e.getMessage()),
                            "halfMessages",
                            entries(List.of(), ownHalves(), most)),
                    WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE);
        }
    }

    @ReadOperation
    WebEndpointResponse<Object> undecidedOf(@Selector String transactionId) {
        try {
            List<OpenHalf> own = ownHalves().stream()
                    .filter(half -> half.transactionId().equals(transactionId))
                    .toList();
            List<Entry> entries = entries(inspection.undecidedOf(transactionId), own, MOST);
            return entries.isEmpty()
                    ? refused(
                            WebEndpointResponse.STATUS_NOT_FOUND,
                            "No broker has anything undecided or parked of local transaction " + transactionId)
                    : new WebEndpointResponse<>(Map.of("halfMessages", entries));
        } catch (HalfMessagesUnavailableException e) {
            return refused(WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE, e.getMessage());
        }
    }

    /** To be asked after the broker: what is still undecided here then has been all the time. */
    private List<OpenHalf> ownHalves() {
        return paths.stream().flatMap(path -> path.undecided().stream()).toList();
    }

    private static List<Entry> entries(List<OpenHalf> ofBroker, List<OpenHalf> own, int most) {
        Set<MessageId> told = new HashSet<>();
        List<Entry> entries = new ArrayList<>();
        for (OpenHalf half : ofBroker) {
            told.add(half.messageId());
            entries.add(Entry.of(half, "broker"));
        }
        own.stream()
                .filter(half -> told.add(half.messageId()))
                .limit(most)
                .forEach(half -> entries.add(Entry.of(half, "process")));
        entries.sort(Comparator.comparing(Entry::preparedAt));
        return entries;
    }

    @WriteOperation
    WebEndpointResponse<Object> decide(
            @Selector String transactionId,
            @Nullable String decision,
            @Nullable String reason,
            @Nullable String actor,
            @Nullable Boolean force,
            SecurityContext security) {
        if (decisions == null) {
            return refused(
                    Refusal.FORBIDDEN,
                    "Decisions by hand are not allowed here; tally.half-message.decide-by-hand=true allows them");
        }
        boolean commit;
        switch (decision == null ? "" : decision.toLowerCase(Locale.ROOT)) {
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
        return decide(
                decisions,
                transactionId,
                commit,
                Boolean.TRUE.equals(force),
                who,
                Optional.ofNullable(reason).orElse(""));
    }

    private static WebEndpointResponse<Object> decide(
            HandDecisions decisions, String transactionId, boolean commit, boolean force, String who, String reason) {
        try {
            HandDecisions.Outcome outcome = decisions.decide(transactionId, commit, force, who, reason);
            Map<String, Object> body = new LinkedHashMap<>();
            body.put("transactionId", transactionId);
            body.put("decision", commit ? "COMMIT" : "ROLLBACK");
            body.put("messages", outcome.messages());
            body.put("ledger", outcome.ledger().name());
            body.put("outcome", outcome.fate().name());
            return new WebEndpointResponse<>(body);
        } catch (IllegalArgumentException e) {
            return refused(WebEndpointResponse.STATUS_BAD_REQUEST, e.getMessage());
        } catch (HandDecisionRefusedException e) {
            return refused(
                    e.found() == HandDecisionRefusedException.Found.NOTHING_UNDECIDED
                            ? WebEndpointResponse.STATUS_NOT_FOUND
                            : Refusal.CONFLICT,
                    e.getMessage());
        } catch (HalfMessagesUnavailableException e) {
            return refused(WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE, e.getMessage());
        } catch (DataAccessException | TransactionException e) {
            return refused(
                    WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE,
                    "Cannot decide local transaction " + transactionId + ": the database does not tell: "
                            + e.getMessage());
        }
    }
}
