package dev.tally.transport.jms.server;

import dev.tally.testkit.ChildJvm;
import dev.tally.testkit.FreePorts;
import dev.tally.testkit.TransportFaultsContract;
import jakarta.jms.ConnectionFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A broker in a process of its own, with its data in a directory, that can be killed and started again. */
public abstract class JmsServer implements TransportFaultsContract.BrokerProcess, AutoCloseable {

    static final String READY = "ready";

    private final Class<?> main;
    private final Path directory;
    private final List<String> further;
    private final int port = FreePorts.next();
    private ChildJvm process;

    /** @param further arguments of the process, after its directory and its port */
    JmsServer(Class<?> main, Path directory, String... further) {
        this.main = main;
        this.directory = directory;
        this.further = List.of(further);
        start();
    }

    /** The port at which it listens. */
    public int port() {
        return port;
    }

    /** Where it listens. */
    public String url() {
        return "tcp://127.0.0.1:" + port;
    }

    /** A factory of its own client, new with each call. */
    public abstract ConnectionFactory connectionFactory();

    /** The same by another URL. */
    public abstract ConnectionFactory connectionFactory(String url);

    /** A URL with which the client itself looks for its broker again, for as long as it takes. */
    public abstract String reconnectingUrl();

    /** Product and version. */
    public abstract String product();

    @Override
    public final void kill() {
        process.kill();
    }

    @Override
    public final void start() {
        List<String> arguments = new ArrayList<>(List.of(directory.toString(), Integer.toString(port)));
        arguments.addAll(further);
        process = ChildJvm.start(main, READY, arguments).awaitReady();
    }

    @Override
    public void close() {
        process.close();
    }

    /** Keeps a server's process alive until the one that started it lets it go. */
    static void serve() throws IOException {
        System.out.println(READY);
        while (System.in.read() >= 0) {
            // Nothing is asked this way.
        }
        Runtime.getRuntime().halt(0);
    }
}
