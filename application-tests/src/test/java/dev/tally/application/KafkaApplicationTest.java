package dev.tally.application;

import dev.tally.transport.kafka.server.KafkaServer;
import java.nio.file.Path;

class KafkaApplicationTest extends AnyBrokerContract {

    KafkaApplicationTest() {
        super("kafka", "dev.tally.transport.kafka.");
    }

    @Override
    RunningBroker startBroker(Path folder) {
        KafkaServer server = new KafkaServer();
        server.createTopic("orders", 4);
        return RunningBroker.of(
                server::kill, server::start, server::close, "--spring.kafka.bootstrap-servers=" + server.address());
    }
}
