package dev.tally.sagas;

import dev.tally.broker.Broker;
import dev.tally.broker.BrokerConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A broker in a process of its own. */
final class SagaBrokerMain {

    static final String READY = "broker is ready";

    private SagaBrokerMain() {}

    /** @param arguments its directory and its port */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        BrokerConfig config = BrokerConfig.builder(Path.of(arguments[0]))
                .port(Integer.parseInt(arguments[1]))
                .build();
        try (Broker broker = Broker.start(config)) {
            System.out.println(broker.address());
            System.out.println(READY);
            new CountDownLatch(1).await();
        }
    }
}
