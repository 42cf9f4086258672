package dev.tally.transport.rabbitmq;

import com.rabbitmq.client.Channel;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpConnectException;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.rabbit.connection.Connection;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.support.RabbitExceptionTranslator;

/**
 * A connection of the user's factory, on which the transport has channels of its own. The factory may share it with others,
 * so it is given back, and not closed.
 */
final class Link implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Link.class);

    private final Connection connection;

    /** The one behind it now; the factory may put another one in its place. */
    private final com.rabbitmq.client.Connection client;

    private Link(Connection connection, com.rabbitmq.client.Connection client) {
        this.connection = connection;
        this.client = client;
    }

    /**
     * Takes the factory's connection, which it makes where there is none.
     *
     * @throws AmqpException if the broker cannot be reached, or does not let the user in
     */
    static Link open(ConnectionFactory factory) {
        Connection connection = factory.createConnection();
        if (!connection.isOpen()) {
            // A caching factory hands out a dead connection, and replaces it when it is asked for a channel.
            try {
                connection.createChannel(false).close();
            } catch (IOException | TimeoutException e) {
                throw RabbitExceptionTranslator.convertRabbitAccessException(e);
            }
        }
        try {
            return new Link(connection, connection.getDelegate());
        } catch (IllegalStateException e) {
            throw new AmqpConnectException("the connection has closed again", e);
        }
    }

    /** A channel that no cache knows. */
    Channel createChannel() throws IOException {
        Channel channel = client.createChannel();
        if (channel == null) {
            throw new IOException("the connection has no channel left, its limit is " + client.getChannelMax());
        }
        return channel;
    }

    com.rabbitmq.client.Connection client() {
        return client;
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (AmqpException e) {
            LOG.debug("A connection could not be given back to its factory", e);
        }
    }
}
