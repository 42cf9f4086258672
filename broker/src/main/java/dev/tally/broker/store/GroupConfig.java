package dev.tally.broker.store;

/**
 * A consumer group.
 *
 * @param name the group's name
 * @param consumeEnabled whether its consumers may pull
 * @param retryQueues queues of its retry topic, at least 1
 * @param maxReconsume redeliveries before a message goes to the dead-letter topic, 16 by default
 * @param more what else the protocol configures of a group, as the JSON object that it was given as; empty for nothing
 */
public record GroupConfig(String name, boolean consumeEnabled, int retryQueues, int maxReconsume, String more) {

    /** A group of which nothing else is configured. */
    public GroupConfig(String name, boolean consumeEnabled, int retryQueues, int maxReconsume) {
        this(name, consumeEnabled, retryQueues, maxReconsume, "");
    }
}
