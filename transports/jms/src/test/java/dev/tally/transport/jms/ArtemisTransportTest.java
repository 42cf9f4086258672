package dev.tally.transport.jms;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.transport.TransportException;
import dev.tally.transport.jms.server.ArtemisServer;
import dev.tally.transport.jms.server.JmsServer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract at a real ActiveMQ Artemis. */
class ArtemisTransportTest extends JmsTransportContract {

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

    @Test
    void refusesAnOrderedGroupWhoseQueueHandsItsMessagesToSeveralMembers() {
        String topic = topic("not-exclusive", 1);
        createGroup(topic, group("mixed"), false);

        assertThatThrownBy(() -> subscribe(open(), topic, "mixed", true, 3, deliver()))
                .isInstanceOf(TransportException.class)
                .hasMessageContaining(group("mixed"))
                .hasMessageContaining("exclusive");
    }
}
