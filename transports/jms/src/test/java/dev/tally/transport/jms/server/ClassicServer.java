package dev.tally.transport.jms.server;

import jakarta.jms.ConnectionFactory;
import java.nio.file.Path;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.apache.activemq.broker.BrokerService;
import org.apache.activemq.store.kahadb.KahaDBPersistenceAdapter;

/** ActiveMQ Classic. */
public final class ClassicServer extends JmsServer {

    private static final long MEGABYTE = 1024 * 1024;

    private ClassicServer(Path directory, int storeMegabytes) {
        super(ClassicServer.class, directory, Integer.toString(storeMegabytes));
    }

    /** Starts it; returns when it takes connections. */
    public static ClassicServer in(Path directory) {
        return new ClassicServer(directory, 512);
    }

    /** One whose store is soon full. */
    public static ClassicServer small(Path directory, int storeMegabytes) {
        return new ClassicServer(directory, storeMegabytes);
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
        return "failover:(" + url() + ")?initialReconnectDelay=100&maxReconnectDelay=200";
    }

    @Override
    public String product() {
        return "ActiveMQ Classic "
                + ActiveMQConnectionFactory.class.getPackage().getImplementationVersion();
    }

    /** The server's process, with a directory, a port, and the size of its store in MiB. */
    public static void main(String[] arguments) throws Exception {
        KahaDBPersistenceAdapter store = new KahaDBPersistenceAdapter();
        store.setDirectory(Path.of(arguments[0]).toFile());
        BrokerService server = new BrokerService();
        server.setBrokerName("tally");
        server.setUseJmx(false);
        server.setUseShutdownHook(false);
        server.setPersistenceAdapter(store);
        server.getSystemUsage().getMemoryUsage().setLimit(64 * MEGABYTE);
        server.getSystemUsage().getStoreUsage().setLimit(Integer.parseInt(arguments[2]) * MEGABYTE);
        server.getSystemUsage().getTempUsage().setLimit(64 * MEGABYTE);
        server.addConnector("tcp://127.0.0.1:" + arguments[1]);
        server.start();
        server.waitUntilStarted();
        serve();
    }
}
