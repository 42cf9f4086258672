package dev.tally.broker.protocol;

import org.jspecify.annotations.Nullable;

/**
 * The fields of a send, in its long form (code 10) or the short form (codes 310 and 320), whose names are letters.
 *
 * @param producerGroup who sends
 * @param topic where to
 * @param defaultTopicQueues how many queues the producer wants if the topic is created by this send
 * @param queueId the queue, negative for any
 * @param sysFlag the message's system flag
 * @param bornAtMillis when the producer made it, by the producer's clock
 * @param flag the user's flag
 * @param properties the message's properties
 * @param reconsumeTimes how often it was redelivered: consumers send retries as well
 * @param maxReconsumeTimes redeliveries before it goes to the dead letters, {@code null} for the group's setting
 * @param batch whether the body holds several messages
 * @since 0.1
 */
public record SendRequest(
        String producerGroup,
        String topic,
        int defaultTopicQueues,
        int queueId,
        int sysFlag,
        long bornAtMillis,
        int flag,
        MessageProperties properties,
        int reconsumeTimes,
        @Nullable Integer maxReconsumeTimes,
        boolean batch) {

    private static final Names LONG_FORM = new Names(
            "producerGroup",
            "topic",
            "defaultTopicQueueNums",
            "queueId",
            "sysFlag",
            "bornTimestamp",
            "flag",
            "properties",
            "reconsumeTimes",
            "maxReconsumeTimes",
            "batch");
    private static final Names SHORT_FORM = new Names("a", "b", "d", "e", "f", "g", "h", "i", "j", "l", "m");

    /** Reads the fields of a send request of any code. */
    public static SendRequest from(Command request) {
        boolean longForm =
                request.code() == RequestCode.SEND_MESSAGE || request.code() == RequestCode.SEND_REPLY_MESSAGE;
        return from(request.fields(), longForm ? LONG_FORM : SHORT_FORM, request.code());
    }

    private static SendRequest from(Fields fields, Names names, int code) {
        boolean limited = fields.text(names.maxReconsumeTimes) != null;
        return new SendRequest(
                fields.requiredText(names.producerGroup),
                fields.requiredText(names.topic),
                fields.number(names.defaultTopicQueues, 0),
                fields.requiredNumber(names.queueId),
                fields.number(names.sysFlag, 0),
                fields.longNumber(names.bornAt, 0),
                fields.number(names.flag, 0),
                MessageProperties.of(fields.text(names.properties)),
                fields.number(names.reconsumeTimes, 0),
                limited ? (Integer) fields.number(names.maxReconsumeTimes, 0) : null,
                code == RequestCode.SEND_BATCH_MESSAGE || fields.flag(names.batch, false));
    }

    private record Names(
            String producerGroup,
            String topic,
            String defaultTopicQueues,
            String queueId,
            String sysFlag,
            String bornAt,
            String flag,
            String properties,
            String reconsumeTimes,
            String maxReconsumeTimes,
            String batch) {}
}
