package dev.tally.application;

import dev.tally.broker.Broker;
import dev.tally.broker.BrokerConfig;
import java.io.IOException;
import java.nio.file.Path;

/** Tally's broker as a process, until its input ends. */
final class TallyBrokerProcess {

    static final String READY = "ready";

    private TallyBrokerProcess() {}

    /** Runs with a directory and a port. */
    public static void main(String[] arguments) throws IOException {
        try (Broker broker = Broker.start(BrokerConfig.builder(Path.of(arguments[0]))
                .port(Integer.parseInt(arguments[1]))
                .build())) {
            System.out.println(READY);
            while (System.in.read() >= 0) {
                // Nothing is asked this way.
            }
        }
    }
}
