package dev.tally.transport.jms.server;

import jakarta.jms.ConnectionFactory;
import java.nio.file.Path;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;

/** ActiveMQ Artemis. */
public final class ArtemisServer extends JmsServer {

    private ArtemisServer(Path directory) {
        super(ArtemisServer.class, directory);
    }

    /** Starts it; returns when it takes connections. */
    public static ArtemisServer in(Path directory) {
        return new ArtemisServer(directory);
    }

    @Override
    public ConnectionFactory connectionFactory() {
        return connectionFactory(url());
    }

    @Override
    public ConnectionFactory connectionFactory(String url) {
        return new ActiveMQConnectionFactory(url);
    }

    @Override
    public String reconnectingUrl() {
        return url() + "?reconnectAttempts=-1&initialConnectAttempts=-1&retryInterval=100";
    }

    @Override
    public String product() {
        return "ActiveMQ Artemis " + EmbeddedActiveMQ.class.getPackage().getImplementationVersion();
    }

    /** The server's process, with a directory and a port. */
    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        ConfigurationImpl configuration = new ConfigurationImpl();
        configuration
                .setPersistenceEnabled(true)
                .setSecurityEnabled(false)
                .setJournalType(JournalType.NIO)
                .setMaxDiskUsage(-1)
                .setJournalDirectory(directory.resolve("journal").toString())
                .setBindingsDirectory(directory.resolve("bindings").toString())
                .setLargeMessagesDirectory(directory.resolve("large").toString())
                .setPagingDirectory(directory.resolve("paging").toString())
                .addAcceptorConfiguration("tcp", "tcp://127.0.0.1:" + arguments[1]);
        EmbeddedActiveMQ server = new EmbeddedActiveMQ();
        server.setConfiguration(configuration);
        server.start();
        serve();
    }
}
