package dev.tally.broker.conformity;

import org.apache.rocketmq.client.producer.DefaultMQProducer;

/** A broker that the suite runs against, started once and shared by all its tests. */
final class Target implements AutoCloseable {

    private final String name;
    private final String address;
    private final DefaultMQProducer helper;
    private final AutoCloseable server;

    /**
     * @param name as the property names it
     * @param address for clients
     * @param helper a started producer; creates topics and carries raw requests
     * @param server what is closed with it
     */
    Target(String name, String address, DefaultMQProducer helper, AutoCloseable server) {
        this.name = name;
        this.address = address;
        this.helper = helper;
        this.server = server;
    }

    String name() {
        return name;
    }

    String address() {
        return address;
    }

    DefaultMQProducer helper() {
        return helper;
    }

    @Override
    public void close() throws Exception {
        helper.shutdown();
        server.close();
    }
}
