package dev.tally.broker.topic;

import dev.tally.broker.store.GroupConfig;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.TopicConfig;
import org.jspecify.annotations.Nullable;

/** The two topics that belong to a consumer group: its retries and its dead letters. */
public final class GroupTopics {

    public static final String RETRY_PREFIX = "%RETRY%";
    public static final String DEAD_LETTER_PREFIX = "%DLQ%";
    public static final int READ_WRITE = 6;

    /** The broker's own groups, which are nobody's consumers. */
    public static final String SYSTEM_GROUP_PREFIX = "CID_RMQ_SYS_";

    private static final String POP_SEPARATOR = "_";
    private static final int DEFAULT_MAX_RECONSUME = 16;

    private GroupTopics() {}

    public static String retry(String group) {
        return RETRY_PREFIX + group;
    }

    public static String deadLetter(String group) {
        return DEAD_LETTER_PREFIX + group;
    }

    public static boolean isRetry(String topic) {
        return topic.startsWith(RETRY_PREFIX) && topic.length() > RETRY_PREFIX.length();
    }

    /** Whether a topic is a group's: what goes there are copies, which keep the properties of what they copy. */
    public static boolean isOfGroup(String topic) {
        return topic.startsWith(RETRY_PREFIX) || topic.startsWith(DEAD_LETTER_PREFIX);
    }

    public static String groupOfRetry(String topic) {
        return topic.substring(RETRY_PREFIX.length());
    }

    /** The group that a retry or dead letter topic belongs to, {@code null} for any other topic. */
    public static @Nullable String groupOf(String topic) {
        if (topic.startsWith(RETRY_PREFIX)) {
            return topic.substring(RETRY_PREFIX.length());
        }
        return topic.startsWith(DEAD_LETTER_PREFIX) ? topic.substring(DEAD_LETTER_PREFIX.length()) : null;
    }

    /** The topic of what a group popped of a topic and did not acknowledge; a retry topic is its own. */
    public static String popRetry(String group, String topic) {
        return topic.startsWith(RETRY_PREFIX) ? topic : RETRY_PREFIX + group + POP_SEPARATOR + topic;
    }

    /** The topic whose messages a group's pop retry topic holds; any other topic itself. */
    public static String originOfPopRetry(String group, String topic) {
        String prefix = RETRY_PREFIX + group + POP_SEPARATOR;
        return topic.startsWith(prefix) ? topic.substring(prefix.length()) : topic;
    }

    public static TopicConfig popRetryConfig(String group, String topic) {
        return new TopicConfig(popRetry(group, topic), 1, 1, READ_WRITE, 0);
    }

    public static TopicConfig retryConfig(GroupConfig group) {
        int queues = Math.max(1, group.retryQueues());
        return new TopicConfig(retry(group.name()), queues, queues, READ_WRITE, 0);
    }

    public static TopicConfig deadLetterConfig(String group) {
        return new TopicConfig(deadLetter(group), 1, 1, READ_WRITE, 0);
    }

    /** The group's configuration, or the defaults where nobody configured it. */
    public static GroupConfig config(MessageStore store, String group) {
        GroupConfig configured = store.group(group);
        return configured == null ? defaults(group) : configured;
    }

    public static GroupConfig defaults(String group) {
        return new GroupConfig(group, true, 1, DEFAULT_MAX_RECONSUME);
    }
}
