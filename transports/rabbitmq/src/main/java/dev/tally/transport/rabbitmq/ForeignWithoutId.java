package dev.tally.transport.rabbitmq;

/**
 * What becomes of a message of another producer that has no id: neither the property {@code message-id} nor the attributes
 * of a CloudEvent. RabbitMQ gives messages nothing of its own that is the same at each delivery.
 *
 * @since 0.1
 */
public enum ForeignWithoutId {
    /** It is dead-lettered, unhandled. */
    REFUSE,
    /**
     * Its id is a digest of its exchange, routing key, properties, headers and body. Two messages that agree in all of that
     * are one: only the first one takes effect.
     */
    CONTENT
}
