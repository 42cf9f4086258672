package dev.tally.application;

import dev.tally.transport.rabbitmq.server.RabbitMqServer;
import java.nio.file.Path;

class RabbitMqApplicationTest extends AnyBrokerContract {

    RabbitMqApplicationTest() {
        super("rabbitmq", "dev.tally.transport.rabbitmq.");
    }

    @Override
    RunningBroker startBroker(Path folder) {
        RabbitMqServer server = RabbitMqServer.start(folder);
        return RunningBroker.of(
                server::kill,
                server::startAgain,
                server::close,
                "--spring.rabbitmq.host=127.0.0.1",
                "--spring.rabbitmq.port=" + server.port());
    }
}
