package dev.tally.consume;

import dev.tally.transport.Subscription;
import org.jspecify.annotations.Nullable;

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

    /**
     * The topic to which the group's messages of its annotated topic are sent on, in order, and from which its handler
     * gets them: a wider one, over which the backlog of the annotated one spreads.
     *
     * @param annotated as {@link #customize} has it
     * @return {@code null} for none, as it is usual
     */
    default @Nullable String forwardTo(Subscription annotated) {
        return null;
    }
}
