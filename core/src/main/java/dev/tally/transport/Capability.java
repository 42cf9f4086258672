package dev.tally.transport;

/**
 * What a transport can do beyond sending and subscribing. A capability that is asked for and missing fails at start-up.
 *
 * @since 0.1
 */
public enum Capability {
    /** Half messages with check-back: the transport also implements {@code HalfMessages}. */
    HALF_MESSAGES,
    /** Messages with one key are handed to a group's handler in the order in which they were sent. */
    KEY_ORDER,
    /** The broker keeps a message back until it is due, up to {@link Transport#maxDelay()}. */
    DELAY,
    /** Each member of a group can get each message, see {@link Subscription#broadcast()}. */
    BROADCAST
}
