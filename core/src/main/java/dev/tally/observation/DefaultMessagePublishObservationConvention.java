package dev.tally.observation;

import dev.tally.observation.MessageObservationDocumentation.Keys;
import io.micrometer.common.KeyValues;

/**
 * The names of {@link MessageObservationDocumentation#PUBLISH}. Thread-safe.
 *
 * @since 0.1
 */
public class DefaultMessagePublishObservationConvention implements MessagePublishObservationConvention {

    /** The observation's name. */
    public static final String NAME = "tally.message.publish";

    @Override
    public String getName() {
        return NAME;
    }

    @Override
    public String getContextualName(MessagePublishContext context) {
        return "publish " + context.destination().topic();
    }

    @Override
    public KeyValues getLowCardinalityKeyValues(MessagePublishContext context) {
        return KeyValues.of(
                Keys.SYSTEM.withValue(context.messagingSystem()),
                Keys.OPERATION_NAME.withValue("publish"),
                Keys.OPERATION_TYPE.withValue("send"),
                Keys.DESTINATION.withValue(context.destination().topic()),
                Keys.VIA.withValue(context.via()));
    }

    @Override
    public KeyValues getHighCardinalityKeyValues(MessagePublishContext context) {
        return ErrorType.addTo(
                KeyValues.of(Keys.MESSAGE_ID.withValue(context.messageId().value())), context);
    }
}
