package dev.tally.application;

import dev.tally.transport.jms.server.ArtemisServer;
import java.nio.file.Path;

class ArtemisApplicationTest extends AnyBrokerContract {

    ArtemisApplicationTest() {
        super("artemis", "dev.tally.transport.jms.", "org.apache.activemq.artemis.");
    }

    @Override
    RunningBroker startBroker(Path folder) {
        ArtemisServer server = ArtemisServer.in(folder);
        return RunningBroker.of(
                server::kill, server::start, server::close, "--spring.artemis.broker-url=" + server.url());
    }
}
