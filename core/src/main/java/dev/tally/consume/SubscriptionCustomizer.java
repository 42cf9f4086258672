package dev.tally.consume;

import dev.tally.transport.Subscription;

/**
 * Changes what an annotation asks for, by configuration for instance. Called once for each annotated method at start-up.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface SubscriptionCustomizer {

    /** Changes nothing. */
    SubscriptionCustomizer NONE = subscription -> subscription;

    /**
     * What is asked for instead.
     *
     * @return of the same topic and group
     */
    Subscription customize(Subscription annotated);
}
