package dev.tally.observation;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/**
 * Names the observation of a message being published. A bean of this type replaces {@link DefaultMessagePublishObservationConvention}.
 *
 * @since 0.1
 */
public interface MessagePublishObservationConvention extends ObservationConvention<MessagePublishContext> {

    @Override
    default boolean supportsContext(Observation.Context context) {
        return context instanceof MessagePublishContext;
    }
}
