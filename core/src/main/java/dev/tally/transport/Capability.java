package dev.tally.transport;

import java.util.List;

/**
 * What a transport can do beyond sending and subscribing. A capability that is asked for and missing fails at start-up.
 *
 * @since 0.1
 */
public enum Capability {
    /** Half messages with check-back: the transport also implements {@code HalfMessages}. */
    HALF_MESSAGES("rocketmq"),
    /** Messages with one key are handed to a group's handler in the order in which they were sent. */
    KEY_ORDER("rocketmq", "kafka", "rabbitmq", "artemis", "activemq", "redis", "pulsar"),
    /** The broker keeps a message back until it is due, up to {@link Transport#maxDelay()}. */
    DELAY("rocketmq", "artemis", "pulsar"),
    /** Each member of a group can get each message, see {@link Subscription#broadcast()}. */
    BROADCAST("rocketmq", "kafka", "rabbitmq", "artemis", "activemq", "redis", "pulsar"),
    /** A group can be moved to an earlier or a later position or time, see {@link ActiveSubscription#positions()}. */
    REPLAY("rocketmq", "kafka", "redis", "pulsar"),
    /**
     * The broker counts the deliveries of a message that no member has acknowledged, so that {@link
     * ReceivedMessage#attempt()} goes on where a member died.
     */
    DELIVERY_COUNT("rabbitmq", "artemis", "activemq", "redis");

    @SuppressWarnings("ImmutableEnumChecker") // List.of is immutable
    private final List<String> offeredBy;

    Capability(String... offeredBy) {
        this.offeredBy = List.of(offeredBy);
    }

    /** The names of those of Tally's own transports that have it, some of them only as they are configured; constant. */
    public List<String> offeredBy() {
        return offeredBy;
    }

    /**
     * Says that a transport lacks it, and which ones have it.
     *
     * @param transport the name of the one that was asked
     */
    public String missingFrom(String transport) {
        String asItIs = offeredBy.contains(transport) ? " as it is configured" : "";
        return "transport '" + transport + "' has no " + this + asItIs + "; " + String.join(", ", offeredBy)
                + (offeredBy.size() == 1 ? " has it" : " have it");
    }
}
