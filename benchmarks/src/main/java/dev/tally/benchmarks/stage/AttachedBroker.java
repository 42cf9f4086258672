package dev.tally.benchmarks.stage;

import dev.tally.benchmarks.application.Topics;
import dev.tally.benchmarks.client.Clients;
import dev.tally.benchmarks.server.Flush;
import dev.tally.benchmarks.server.Server;
import dev.tally.benchmarks.server.ServerKind;
import dev.tally.benchmarks.time.Timing;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;

/** A running broker that acknowledges after fsync, with the topic of the orders, and a client that looks at it. */
public final class AttachedBroker implements AutoCloseable {

    private final Server server;
    private final Clients clients;
    private final DefaultMQProducer producer;

    private AttachedBroker(Server server, Clients clients, DefaultMQProducer producer) {
        this.server = server;
        this.clients = clients;
        this.producer = producer;
    }

    /** Starts one. */
    public static AttachedBroker start(ServerKind kind, Path directory, String label, Timing timing)
            throws IOException, InterruptedException, MQClientException {
        Server server = kind.start(directory, Flush.SYNC, label);
        Clients clients = new Clients(server.address(), timing);
        try {
            DefaultMQProducer producer = clients.producer();
            clients.createTopic(producer, Topics.ORDERS);
            return new AttachedBroker(server, clients, producer);
        } catch (MQClientException | InterruptedException | RuntimeException e) {
            clients.close();
            server.close();
            throw e;
        }
    }

    /** Its name server's address. */
    public String address() {
        return server.address();
    }

    /** Its process. */
    public long pid() {
        return server.pid();
    }

    /** For consumers; closed with this. */
    public Clients clients() {
        return clients;
    }

    /** Waits until so many orders can be seen; answers how long that took. */
    public Duration awaitVisible(long count, Timing timing) throws MQClientException, InterruptedException {
        long start = timing.nanos();
        clients.awaitVisible(producer, Topics.ORDERS, count);
        return timing.since(start);
    }

    @Override
    public void close() throws IOException {
        try {
            clients.close();
        } finally {
            server.close();
        }
    }
}
