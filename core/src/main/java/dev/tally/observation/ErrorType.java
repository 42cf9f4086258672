package dev.tally.observation;

import dev.tally.observation.MessageObservationDocumentation.Keys;
import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;

/** The class of an observation's exception, which its conventions ask for only where there is one. */
final class ErrorType {

    private ErrorType() {}

    static KeyValues addTo(KeyValues values, Observation.Context context) {
        Throwable error = context.getError();
        return error == null
                ? values
                : values.and(Keys.ERROR_TYPE.withValue(error.getClass().getName()));
    }
}
