package dev.tally.observation;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/**
 * Names the observation of a delivery being processed. A bean of this type replaces {@link DefaultMessageProcessObservationConvention}.
 *
 * @since 0.1
 */
public interface MessageProcessObservationConvention extends ObservationConvention<MessageProcessContext> {

    @Override
    default boolean supportsContext(Observation.Context context) {
        return context instanceof MessageProcessContext;
    }
}
