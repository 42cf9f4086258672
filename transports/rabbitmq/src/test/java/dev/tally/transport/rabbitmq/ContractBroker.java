package dev.tally.transport.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.rabbitmq.server.RabbitMqServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;

/** The real server as the contracts need it, and the transports that are opened to it. */
final class ContractBroker implements AutoCloseable {

    private final RabbitMqServer server;
    private final String version;
    private final List<CachingConnectionFactory> factories = new CopyOnWriteArrayList<>();

    ContractBroker(Path directory) {
        this.server = RabbitMqServer.start(directory);
        this.version = server.version();
    }

    RabbitMqServer server() {
        return server;
    }

    String version() {
        return version;
    }

    /** A factory as an application has it. */
    CachingConnectionFactory connections() {
        CachingConnectionFactory factory = new CachingConnectionFactory("127.0.0.1", server.port());
        factory.setConnectionNameStrategy(each -> "test");
        factories.add(factory);
        return factory;
    }

    RabbitMqSettings.Builder settings() {
        return RabbitMqSettings.builder(connections())
                .sendTimeout(Duration.ofSeconds(20))
                .closeTimeout(Duration.ofSeconds(1))
                .retryDelay(Duration.ofMillis(200));
    }

    RabbitMqTransport transport() {
        return new RabbitMqTransport(settings().build());
    }

    void createTopic(String topic) {
        try (Connection connection = server.connect();
                Channel channel = connection.createChannel()) {
            channel.exchangeDeclare(topic, BuiltinExchangeType.TOPIC, true);
        } catch (IOException | TimeoutException e) {
            throw new IllegalStateException("Cannot create exchange " + topic, e);
        }
    }

    /** As a service does that starts for the first time, and goes away again. */
    void createGroup(String topic, String group, boolean ordered) {
        try (RabbitMqTransport transport = transport()) {
            transport
                    .subscribe(
                            new Subscription(topic, group, "*", 1, ordered, 1),
                            batch -> Collections.nCopies(batch.size(), new DeliveryOutcome.Later("only created")))
                    .close();
        }
    }

    /** With an id, as a sender has to set one. */
    void sendForeign(String topic, @Nullable String key, Map<String, String> headers, byte[] payload) {
        publish(
                topic,
                key == null ? "" : key,
                new AMQP.BasicProperties.Builder()
                        .messageId(UUID.randomUUID().toString())
                        .headers(new HashMap<>(headers))
                        .build(),
                payload);
    }

    void publish(String exchange, String routingKey, AMQP.BasicProperties properties, byte[] payload) {
        try (Connection connection = server.connect();
                Channel channel = connection.createChannel()) {
            channel.confirmSelect();
            channel.basicPublish(exchange, routingKey, properties, payload);
            channel.waitForConfirmsOrDie(60_000);
        } catch (IOException | TimeoutException e) {
            throw new IllegalStateException("Cannot publish to " + exchange, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", e);
        }
    }

    static Message neverTaken(String topic) {
        return new Message(
                new MessageId("large-" + UUID.randomUUID()),
                Destination.topic(topic),
                null,
                "t",
                Headers.empty(),
                new byte[17 * 1024 * 1024]);
    }

    @Override
    public void close() {
        factories.forEach(CachingConnectionFactory::destroy);
        server.close();
    }
}
