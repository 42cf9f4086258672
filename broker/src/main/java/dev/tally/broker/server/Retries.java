package dev.tally.broker.server;

import dev.tally.broker.client.QueueLocks;
import dev.tally.broker.protocol.MessageProperties;
import dev.tally.broker.protocol.PropertyNames;
import dev.tally.broker.protocol.SendRequest;
import dev.tally.broker.store.GroupConfig;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.TopicConfig;
import dev.tally.broker.topic.GroupTopics;
import org.jspecify.annotations.Nullable;

/** Decides between another try and the dead letters. */
final class Retries {

    private final MessageStore store;
    private final QueueLocks locks;

    Retries(MessageStore store, QueueLocks locks) {
        this.store = store;
        this.locks = locks;
    }

    /**
     * Where a message that a consumer could not handle goes.
     *
     * @param topic the group's retry topic or its dead letters
     * @param deadLetter whether it is the dead letters
     */
    record Target(TopicConfig topic, boolean deadLetter) {}

    /**
     * The target of a message that a consumer sends to its retry topic itself. Consumers that consume in order redeliver
     * on their own and send only what they give up.
     */
    Target targetOf(SendRequest send) {
        String group = GroupTopics.groupOfRetry(send.topic());
        GroupConfig config = GroupTopics.config(store, group);
        boolean usedUp = send.reconsumeTimes() > limit(config, send.maxReconsumeTimes());
        return target(config, usedUp || locks.anyHeldBy(group));
    }

    /** The target of a message that was redelivered so often and is sent back. */
    Target targetOf(String group, int reconsumeTimes, @Nullable Integer maxReconsumeTimes, boolean giveUp) {
        GroupConfig config = GroupTopics.config(store, group);
        return target(config, giveUp || reconsumeTimes >= limit(config, maxReconsumeTimes));
    }

    /** The properties of a message that goes to the dead letters, with where it came from. */
    MessageProperties deadLetterProperties(SendRequest send) {
        return withOrigin(
                send.properties(),
                send.properties().getOrDefault(PropertyNames.RETRY_TOPIC, send.topic()),
                send.properties().get(PropertyNames.ORIGIN_MESSAGE_ID));
    }

    /** Notes where a dead letter came from. */
    static MessageProperties withOrigin(MessageProperties properties, String topic, @Nullable String messageId) {
        MessageProperties noted = properties.with(PropertyNames.DEAD_LETTER_ORIGIN_TOPIC, topic);
        return messageId == null ? noted : noted.with(PropertyNames.DEAD_LETTER_ORIGIN_MESSAGE_ID, messageId);
    }

    private static int limit(GroupConfig config, @Nullable Integer asked) {
        return asked == null ? config.maxReconsume() : asked;
    }

    private static Target target(GroupConfig config, boolean deadLetter) {
        return deadLetter
                ? new Target(GroupTopics.deadLetterConfig(config.name()), true)
                : new Target(GroupTopics.retryConfig(config), false);
    }
}
