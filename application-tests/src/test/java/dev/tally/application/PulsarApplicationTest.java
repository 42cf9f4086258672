package dev.tally.application;

import dev.tally.transport.pulsar.server.PulsarServer;
import java.nio.file.Path;

class PulsarApplicationTest extends AnyBrokerContract {

    PulsarApplicationTest() {
        super("pulsar", "dev.tally.transport.pulsar.");
    }

    @Override
    RunningBroker startBroker(Path folder) {
        PulsarServer server = PulsarServer.start(folder);
        server.createTopic("orders", 4);
        return RunningBroker.of(
                server::kill,
                server::startAgain,
                server::close,
                "--spring.pulsar.client.service-url=" + server.serviceUrl());
    }
}
