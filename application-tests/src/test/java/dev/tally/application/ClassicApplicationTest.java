package dev.tally.application;

import dev.tally.transport.jms.server.ClassicServer;
import java.nio.file.Path;

class ClassicApplicationTest extends AnyBrokerContract {

    ClassicApplicationTest() {
        super("activemq", "dev.tally.transport.jms.", "org.apache.activemq.ActiveMQ");
    }

    /** A queue of a virtual topic is on its disk from the first message on. */
    @Override
    boolean remembersEmptyGroups() {
        return false;
    }

    @Override
    RunningBroker startBroker(Path folder) {
        ClassicServer server = ClassicServer.in(folder);
        return RunningBroker.of(
                server::kill, server::start, server::close, "--spring.activemq.broker-url=" + server.url());
    }
}
