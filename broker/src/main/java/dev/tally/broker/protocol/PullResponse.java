package dev.tally.broker.protocol;

/**
 * The fields of a pull's answer.
 *
 * @param nextOffset where to pull next
 * @param minOffset the queue's first offset
 * @param maxOffset the queue's end
 * @since 0.1
 */
public record PullResponse(long nextOffset, long minOffset, long maxOffset) {

    /** The fields on the wire; there is only the master, broker id 0, to pull from next. */
    public Fields toFields() {
        return Fields.of(
                "suggestWhichBrokerId",
                0,
                "nextBeginOffset",
                nextOffset,
                "minOffset",
                minOffset,
                "maxOffset",
                maxOffset,
                "topicSysFlag",
                0,
                "groupSysFlag",
                0);
    }
}
