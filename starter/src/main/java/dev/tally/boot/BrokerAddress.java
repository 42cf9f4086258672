package dev.tally.boot;

/**
 * Where the transport finds its broker, when that is not said by {@code rocketmq.name-server}.
 *
 * @param nameServer {@code host:port}
 * @since 0.1
 */
public record BrokerAddress(String nameServer) {}
