package dev.tally.observation;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/**
 * Names the observation of a commit that waits for the broker. A bean of this type replaces {@link DefaultHalfPrepareObservationConvention}.
 *
 * @since 0.1
 */
public interface HalfPrepareObservationConvention extends ObservationConvention<HalfPrepareContext> {

    @Override
    default boolean supportsContext(Observation.Context context) {
        return context instanceof HalfPrepareContext;
    }
}
