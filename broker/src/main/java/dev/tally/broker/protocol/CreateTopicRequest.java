package dev.tally.broker.protocol;

/**
 * The fields of a request to create or change a topic.
 *
 * @param topic the topic
 * @param readQueues queues that consumers see
 * @param writeQueues queues that producers see
 * @param perm 4 read, 2 write
 * @param sysFlag the topic's system flag
 * @since 0.1
 */
public record CreateTopicRequest(String topic, int readQueues, int writeQueues, int perm, int sysFlag) {

    /** Reads the fields. */
    public static CreateTopicRequest from(Fields fields) {
        return new CreateTopicRequest(
                fields.requiredText("topic"),
                fields.requiredNumber("readQueueNums"),
                fields.requiredNumber("writeQueueNums"),
                fields.number("perm", 6),
                fields.number("topicSysFlag", 0));
    }
}
