package dev.tally.observation;

import dev.tally.observation.MessageObservationDocumentation.Keys;
import io.micrometer.common.KeyValues;

/**
 * The names of {@link MessageObservationDocumentation#HALF_PREPARE}. Thread-safe.
 *
 * @since 0.1
 */
public class DefaultHalfPrepareObservationConvention implements HalfPrepareObservationConvention {

    /** The observation's name. */
    public static final String NAME = "tally.half.prepare";

    @Override
    public String getName() {
        return NAME;
    }

    @Override
    public String getContextualName(HalfPrepareContext context) {
        return "prepare half messages";
    }

    @Override
    public KeyValues getLowCardinalityKeyValues(HalfPrepareContext context) {
        HalfPrepareContext.Outcome outcome = context.outcome();
        return KeyValues.of(
                Keys.SYSTEM.withValue(context.messagingSystem()),
                Keys.OUTCOME.withValue(outcome == null ? "unknown" : outcome.value()));
    }

    @Override
    public KeyValues getHighCardinalityKeyValues(HalfPrepareContext context) {
        return KeyValues.of(
                Keys.TRANSACTION_ID.withValue(context.transactionId()),
                Keys.MESSAGE_COUNT.withValue(Integer.toString(context.messages())));
    }
}
