package dev.tally.transport;

/**
 * What a consumer asks a transport for.
 *
 * @param topic the topic
 * @param group the consumer group: each message goes to one member of each group
 * @param tags tag expression, {@code *} for all, {@code a || b} for some
 * @param concurrency handler threads at most, at least 1
 * @param ordered whether messages with one key are handled one after the other in the order in which they were sent;
 *     a message that is retried then holds those of its key
 * @param maxAttempts deliveries before a message is dead-lettered, at least 1
 * @param batch messages handled together at most, at least 1; a transport may hand over more or fewer in one call
 * @param minConcurrency handler threads when there is little to do, from 1 to {@code concurrency}; where it is less than
 *     that, the number follows the backlog and what more handlers bring
 * @param messagesPerSecond messages that begin to be handled in a second at most, by this member; {@link
 *     Double#POSITIVE_INFINITY} for no limit
 * @param broadcast whether each member of the group gets each message that is sent while it is there; otherwise each
 *     message goes to one member. Needs {@link Capability#BROADCAST}
 * @since 0.1
 */
public record Subscription(
        String topic,
        String group,
        String tags,
        int concurrency,
        boolean ordered,
        int maxAttempts,
        int batch,
        int minConcurrency,
        double messagesPerSecond,
        boolean broadcast) {

    /** How many messages are handled together at most where nothing else is said. */
    public static final int DEFAULT_BATCH = 32;

    /** A subscription with {@link #DEFAULT_BATCH}, a constant concurrency and no limit to its rate. */
    public Subscription(String topic, String group, String tags, int concurrency, boolean ordered, int maxAttempts) {
        this(
                topic,
                group,
                tags,
                concurrency,
                ordered,
                maxAttempts,
                DEFAULT_BATCH,
                concurrency,
                Double.POSITIVE_INFINITY,
                false);
    }

    /** The same with another {@link #batch()}. */
    public Subscription withBatch(int newBatch) {
        return new Subscription(
                topic,
                group,
                tags,
                concurrency,
                ordered,
                maxAttempts,
                newBatch,
                minConcurrency,
                messagesPerSecond,
                broadcast);
    }

    /** The same, of which each member of the group gets each message. */
    public Subscription toEachMember() {
        return new Subscription(
                topic, group, tags, concurrency, ordered, maxAttempts, batch, minConcurrency, messagesPerSecond, true);
    }
}
