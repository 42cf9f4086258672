package dev.tally.broker.protocol;

import org.jspecify.annotations.Nullable;

/**
 * The fields of a consumer's send-back: please deliver again later.
 *
 * @param position the message's log position
 * @param group the group that could not handle it
 * @param delayLevel 0: by the number of redeliveries; above: that level; below: to the dead letters at once
 * @param maxReconsumeTimes redeliveries before the dead letters, {@code null} for the group's setting
 * @since 0.1
 */
public record SendBackRequest(
        long position,
        String group,
        int delayLevel,
        @Nullable Integer maxReconsumeTimes) {

    /** Reads the fields. */
    public static SendBackRequest from(Fields fields) {
        boolean limited = fields.text("maxReconsumeTimes") != null;
        return new SendBackRequest(
                fields.requiredLongNumber("offset"),
                fields.requiredText("group"),
                fields.number("delayLevel", 0),
                limited ? (Integer) fields.number("maxReconsumeTimes", 0) : null);
    }
}
