package dev.tally.broker.receive;

import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.PopRequest;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.TopicConfig;
import dev.tally.broker.topic.GroupTopics;
import org.jspecify.annotations.Nullable;

/** What cannot be popped. */
final class PopRefusals {

    private static final int READABLE = 4;
    private static final int MOST_MESSAGES = 32;

    private final MessageStore store;

    PopRefusals(MessageStore store) {
        this.store = store;
    }

    @Nullable Answer of(PopRequest wanted) {
        String attempt = "Group " + wanted.group() + " cannot pop: ";
        if (wanted.maxMessages() > MOST_MESSAGES || wanted.maxMessages() <= 0) {
            return Answer.refused(
                    ResponseCode.INVALID_PARAMETER,
                    attempt + wanted.maxMessages() + " messages are wanted at once; 1 to " + MOST_MESSAGES
                            + " are possible");
        }
        if (wanted.invisibleMillis() <= 0) {
            return Answer.refused(
                    ResponseCode.INVALID_PARAMETER,
                    attempt + "an invisible time of " + wanted.invisibleMillis() + " ms is none");
        }
        TopicConfig topic = store.topic(wanted.topic());
        if (topic == null) {
            return Answer.refused(
                    ResponseCode.TOPIC_NOT_EXIST, attempt + "topic " + wanted.topic() + " does not exist");
        }
        if ((topic.perm() & READABLE) == 0) {
            return Answer.refused(ResponseCode.NO_PERMISSION, attempt + "topic " + wanted.topic() + " is not readable");
        }
        if (wanted.queueId() >= topic.readQueues()) {
            return Answer.refused(
                    ResponseCode.INVALID_PARAMETER,
                    attempt + "topic " + wanted.topic() + " has " + topic.readQueues() + " read queues and no queue "
                            + wanted.queueId());
        }
        if (!GroupTopics.config(store, wanted.group()).consumeEnabled()) {
            return Answer.refused(ResponseCode.NO_PERMISSION, attempt + "consuming is switched off for it");
        }
        return null;
    }
}
