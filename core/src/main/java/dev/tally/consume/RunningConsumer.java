package dev.tally.consume;

import dev.tally.transport.Subscription;
import dev.tally.transport.SubscriptionControl;
import dev.tally.transport.SubscriptionPositions;
import java.util.Optional;

/**
 * A consumer of this process that is subscribed.
 *
 * @param subscription what its annotation says
 * @param handler the bean and its method, for people
 * @param control what can be seen and changed of it; empty where its transport does not offer that
 * @param positions how far its group has got, and a way to move it; empty where its transport does not offer that
 * @since 0.1
 */
public record RunningConsumer(
        Subscription subscription,
        String handler,
        Optional<SubscriptionControl> control,
        Optional<SubscriptionPositions> positions) {}
