package dev.tally.boot.actuate;

import dev.tally.boot.RecentConsumerLags;
import dev.tally.consume.ConsumerLag;
import dev.tally.consume.RunningConsumer;
import dev.tally.transport.SubscriptionControl;
import dev.tally.transport.SubscriptionState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * What health says of consumers. One that a failure has stopped waits for a person, and so does one with more waiting than
 * its limit: DOWN. One that a person has paused is a detail, as is a lag that the broker does not tell at the moment.
 * Thread-safe.
 */
final class ConsumersHealth {

    private final Supplier<List<RunningConsumer>> consumers;
    private final RecentConsumerLags lags;

    ConsumersHealth(Supplier<List<RunningConsumer>> consumers, RecentConsumerLags lags) {
        this.consumers = consumers;
        this.lags = lags;
    }

    /**
     * Adds what is to be said, if anything is.
     *
     * @return whether a person has to act
     */
    boolean check(Map<String, Object> details) {
        Map<String, Object> stopped = new LinkedHashMap<>();
        Map<String, Object> paused = new LinkedHashMap<>();
        Map<String, Object> lagging = new LinkedHashMap<>();
        Map<String, Object> unknown = new LinkedHashMap<>();
        for (RunningConsumer each : consumers.get()) {
            String name =
                    each.subscription().topic() + "/" + each.subscription().group();
            Optional<SubscriptionState> state = each.control().map(ConsumersHealth::state);
            state.map(SubscriptionState::stopReason)
                    .ifPresentOrElse(
                            reason -> stopped.put(name, stop(reason)), () -> state.filter(SubscriptionState::paused)
                                    .ifPresent(found -> paused.put(name, "by a person, until it is resumed")));
            lag(each, name, lagging, unknown);
        }
        put(details, "stoppedConsumers", stopped);
        put(details, "pausedConsumers", paused);
        put(details, "laggingConsumers", lagging);
        put(details, "lagUnknown", unknown);
        return !stopped.isEmpty() || !lagging.isEmpty();
    }

    private static SubscriptionState state(SubscriptionControl control) {
        return control.state(0);
    }

    private static Map<String, Object> stop(String reason) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("reason", reason);
        body.put(
                "whatToDo",
                "remove the cause and resume it (/actuator/tallyconsumers/resume); the message is tried first then");
        return body;
    }

    private void lag(RunningConsumer consumer, String name, Map<String, Object> lagging, Map<String, Object> unknown) {
        OptionalLong limit = lags.limit(consumer.subscription().group());
        if (limit.isEmpty() || consumer.positions().isEmpty()) {
            return;
        }
        Optional<ConsumerLag> lag = lags.recent(
                consumer.subscription().topic(), consumer.subscription().group());
        if (lag.isEmpty()) {
            unknown.put(name, "the broker has not told it yet, or does not answer");
        } else if (lag.get().messages() > limit.getAsLong()) {
            Map<String, Object> body = new LinkedHashMap<>();
            body.put("lag", lag.get().messages());
            body.put("limit", limit.getAsLong());
            body.put("emptyIn", PositionBodies.text(lag.get().timeToEmpty()));
            body.put("whatToDo", "see /actuator/tallyconsumers?lag=true for the queues and the slowest keys");
            lagging.put(name, body);
        }
    }

    private static void put(Map<String, Object> details, String name, Map<String, Object> body) {
        if (!body.isEmpty()) {
            details.put(name, body);
        }
    }
}
