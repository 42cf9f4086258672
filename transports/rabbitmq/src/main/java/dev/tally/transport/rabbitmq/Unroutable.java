package dev.tally.transport.rabbitmq;

/**
 * What becomes of a message to an exchange to which no queue is bound. RabbitMQ keeps no message for queues that are bound
 * later.
 *
 * @since 0.1
 */
public enum Unroutable {
    /** The send fails and is tried again: the outbox keeps the message until the first group has subscribed. */
    FAIL,
    /** The message counts as sent, and is gone: for events to which nobody may be listening. */
    DROP
}
