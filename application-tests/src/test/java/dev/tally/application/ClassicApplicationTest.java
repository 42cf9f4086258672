package dev.tally.application;

import dev.tally.transport.jms.server.ClassicServer;
import java.nio.file.Path;

class ClassicApplicationTest extends AnyBrokerContract {

    ClassicApplicationTest() {
        super("activemq", "dev.tally.transport.jms.", "org.apache.activemq.ActiveMQ");
    }

    @Override
    RunningBroker startBroker(Path folder) {
        ClassicServer server = ClassicServer.in(folder);
        return RunningBroker.of(
                server::kill, server::start, server::close, "--spring.activemq.broker-url=" + server.url());
    }
}
