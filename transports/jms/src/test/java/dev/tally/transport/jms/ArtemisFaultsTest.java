package dev.tally.transport.jms;

import dev.tally.transport.jms.server.ArtemisServer;
import dev.tally.transport.jms.server.JmsServer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The faults contract, and more of it, at a real ActiveMQ Artemis. */
class ArtemisFaultsTest extends JmsGroupsContract {

    @TempDir
    static Path directory;

    private static ArtemisServer server;

    @BeforeAll
    static void startServer() {
        server = ArtemisServer.in(directory);
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Override
    JmsServer server() {
        return server;
    }
}
