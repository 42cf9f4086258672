/** The transport over RabbitMQ. */
@NullMarked
package dev.tally.transport.rabbitmq;

import org.jspecify.annotations.NullMarked;
