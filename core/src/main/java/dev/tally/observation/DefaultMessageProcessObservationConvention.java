package dev.tally.observation;

import dev.tally.observation.MessageObservationDocumentation.Keys;
import io.micrometer.common.KeyValues;

/**
 * The names of {@link MessageObservationDocumentation#PROCESS}. Thread-safe.
 *
 * @since 0.1
 */
public class DefaultMessageProcessObservationConvention implements MessageProcessObservationConvention {

    /** The observation's name. */
    public static final String NAME = "tally.message.process";

    @Override
    public String getName() {
        return NAME;
    }

    @Override
    public String getContextualName(MessageProcessContext context) {
        return "process " + context.topic();
    }

    @Override
    public KeyValues getLowCardinalityKeyValues(MessageProcessContext context) {
        MessageProcessContext.Outcome outcome = context.outcome();
        return KeyValues.of(
                Keys.SYSTEM.withValue(context.messagingSystem()),
                Keys.OPERATION_NAME.withValue("process"),
                Keys.OPERATION_TYPE.withValue("process"),
                Keys.DESTINATION.withValue(context.topic()),
                Keys.CONSUMER_GROUP.withValue(context.group()),
                Keys.OUTCOME.withValue(outcome == null ? "unknown" : outcome.value()));
    }

    @Override
    public KeyValues getHighCardinalityKeyValues(MessageProcessContext context) {
        return ErrorType.addTo(
                KeyValues.of(
                        Keys.MESSAGE_ID.withValue(context.message().id().value()),
                        Keys.ATTEMPT.withValue(Integer.toString(context.attempt()))),
                context);
    }
}
