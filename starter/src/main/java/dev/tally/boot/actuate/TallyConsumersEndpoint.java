package dev.tally.boot.actuate;

import static dev.tally.boot.actuate.Refusal.refused;

import dev.tally.boot.RecentConsumerLags;
import dev.tally.consume.ConsumerOperations;
import dev.tally.consume.IdempotentConsumerRegistry;
import dev.tally.consume.RunningConsumer;
import dev.tally.consume.UnknownConsumerException;
import dev.tally.transport.Subscription;
import dev.tally.transport.SubscriptionState;
import dev.tally.transport.TransportException;
import java.security.Principal;
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
 * {@code /actuator/tallyconsumers}: the consumers of this process, and a guarded way to pause and to change them.
 *
 * <pre>
 * GET  /actuator/tallyconsumers?slowest=10&amp;lag=true
 * POST /actuator/tallyconsumers/pause              {"topic": "..", "group": "..", "reason": "..", "actor": ".."}
 * POST /actuator/tallyconsumers/resume             the same
 * POST /actuator/tallyconsumers/concurrency        the same, and "min" and "max", or one of them for both
 * POST /actuator/tallyconsumers/rate               the same, and "perSecond"; without it there is no limit
 * POST /actuator/tallyconsumers/seek               the same, and "to": a time, or "queue" and "position"; with
 *                                                  "preview": true it only tells what would be done; with "force": true
 *                                                  also beyond what the inbox remembers
 * </pre>
 *
 * <p>The actor is the authenticated user; where there is none it must be given.
 */
@WebEndpoint(id = "tallyconsumers")
final class TallyConsumersEndpoint {

    private static final int DEFAULT_SLOWEST = 10;

    private final IdempotentConsumerRegistry consumers;
    private final RecentConsumerLags lags;
    private final @Nullable ConsumerOperations operations;

    /** @param operations {@code null} where they are not allowed */
    TallyConsumersEndpoint(
            IdempotentConsumerRegistry consumers, RecentConsumerLags lags, @Nullable ConsumerOperations operations) {
        this.consumers = consumers;
        this.lags = lags;
        this.operations = operations;
    }

    /** @param lag whether the broker is to be asked what waits there */
    @ReadOperation
    Map<String, Object> consumers(@Nullable Integer slowest, @Nullable Boolean lag) {
        int keys = Optional.ofNullable(slowest).orElse(DEFAULT_SLOWEST);
        return Map.of(
                "consumers",
                consumers.running().stream()
                        .map(each -> body(each, keys, Boolean.TRUE.equals(lag)))
                        .toList());
    }

    private Map<String, Object> body(RunningConsumer consumer, int slowest, boolean withLag) {
        Subscription subscription = consumer.subscription();
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("topic", subscription.topic());
        body.put("group", subscription.group());
        body.put("handler", consumer.handler());
        body.put("ordered", subscription.ordered());
        body.put("batch", subscription.batch());
        body.put("maxAttempts", subscription.maxAttempts());
        consumer.control().ifPresent(control -> state(body, control.state(slowest)));
        if (withLag) {
            try {
                lags.now(consumer).ifPresent(lag -> PositionBodies.lag(body, lag));
            } catch (TransportException e) {
                body.put("lagUnknown", String.valueOf(e.getMessage()));
            }
        }
        return body;
    }

    private static void state(Map<String, Object> body, SubscriptionState state) {
        body.put("paused", state.paused());
        if (state.stopReason() != null) {
            body.put("stopped", state.stopReason());
        }
        body.put("waiting", state.waiting());
        body.put("running", state.running());
        body.put("restingKeys", state.resting());
        body.put("concurrency", state.concurrency());
        body.put("minConcurrency", state.minConcurrency());
        body.put("maxConcurrency", state.maxConcurrency());
        if (!Double.isInfinite(state.messagesPerSecond())) {
            body.put("maxRate", state.messagesPerSecond());
        }
        List<Map<String, Object>> slowest =
                state.slowest().stream().map(TallyConsumersEndpoint::key).toList();
        body.put("slowestKeys", slowest);
    }

    private static Map<String, Object> key(SubscriptionState.SlowKey slow) {
        Map<String, Object> body = new LinkedHashMap<>();
        if (slow.key() != null) {
            body.put("key", slow.key());
        }
        body.put("waiting", slow.waiting());
        body.put("waitsMillis", slow.waits().toMillis());
        body.put("attempts", slow.attempts());
        return body;
    }

    @WriteOperation
    WebEndpointResponse<Object> act(
            @Selector String act,
            String topic,
            String group,
            @Nullable Integer min,
            @Nullable Integer max,
            @Nullable Double perSecond,
            @Nullable String to,
            @Nullable String queue,
            @Nullable Long position,
            @Nullable Boolean preview,
            @Nullable Boolean force,
            @Nullable String reason,
            @Nullable String actor,
            SecurityContext security) {
        if (operations == null) {
            return refused(
                    Refusal.FORBIDDEN,
                    "Cannot " + act + " consumers here: tally.consumer.operations is false; nothing was done");
        }
        Principal user = security.getPrincipal();
        ConsumerOperations.Act by = new ConsumerOperations.Act(
                topic,
                group,
                user != null ? user.getName() : Optional.ofNullable(actor).orElse(""),
                Optional.ofNullable(reason).orElse(""));
        try {
            switch (act.toLowerCase(Locale.ROOT)) {
                case "pause" -> operations.pause(by);
                case "resume" -> operations.resume(by);
                case "concurrency" -> concurrency(operations, by, min, max);
                case "rate" ->
                    operations.rate(by, Optional.ofNullable(perSecond).orElse(Double.POSITIVE_INFINITY));
                case "seek" -> {
                    Seek seek = Seek.of(to, queue, position, force);
                    boolean only = Boolean.TRUE.equals(preview);
                    return new WebEndpointResponse<>(PositionBodies.moves(
                            only ? seek.preview(operations, by) : seek.perform(operations, by), only));
                }
                default -> {
                    return refused(
                            WebEndpointResponse.STATUS_BAD_REQUEST,
                            "Cannot " + act + " a consumer: pause, resume, concurrency, rate and seek are possible;"
                                    + " nothing was done");
                }
            }
        } catch (TransportException e) {
            return refused(Refusal.CONFLICT, e.getMessage());
        } catch (UnknownConsumerException e) {
            return refused(WebEndpointResponse.STATUS_NOT_FOUND, e.getMessage());
        } catch (IllegalArgumentException e) {
            return refused(WebEndpointResponse.STATUS_BAD_REQUEST, e.getMessage());
        }
        return new WebEndpointResponse<>(consumers(null, null));
    }

    private static void concurrency(
            ConsumerOperations operations, ConsumerOperations.Act by, @Nullable Integer min, @Nullable Integer max) {
        Integer least = min != null ? min : max;
        Integer most = max != null ? max : min;
        if (least == null || most == null) {
            throw new IllegalArgumentException(
                    "Cannot change a concurrency: 'min', 'max' or both have to be given; nothing was done");
        }
        operations.concurrency(by, least, most);
    }
}
