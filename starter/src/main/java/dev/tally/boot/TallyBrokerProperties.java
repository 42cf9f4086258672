package dev.tally.boot;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The broker inside the application. It starts where tally-broker is on the class path and rocketmq.name-server is not
 * set.
 *
 * @param enabled whether it may start
 * @param dataDirectory where it keeps its messages; one process at a time
 * @param host the address it listens on
 * @param port the port it listens on; 0 for any free one
 */
@ConfigurationProperties("tally.broker")
record TallyBrokerProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("tally-data/broker") Path dataDirectory,
        @DefaultValue("127.0.0.1") String host,
        @DefaultValue("0") int port) {}
