package dev.tally.boot.transport;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How Pulsar is reached where Spring Boot's own module for Pulsar is not there: by the names that Spring Boot gives to it.
 *
 * @param serviceUrl where the brokers are, "pulsar://host:port" or "pulsar+ssl://host:port", several separated by ","
 * @param operationTimeout how long looking up topics, subscribing and the like may take
 * @param connectionTimeout how long connecting to a broker may take
 * @param authentication how the client proves who it is
 * @param threads the client's own threads
 */
@ConfigurationProperties("spring.pulsar.client")
record PulsarClientProperties(
        @DefaultValue("pulsar://localhost:6650") String serviceUrl,
        @DefaultValue("30s") Duration operationTimeout,
        @DefaultValue("10s") Duration connectionTimeout,
        @DefaultValue Authentication authentication,
        @DefaultValue Threads threads) {

    /**
     * @param pluginClassName the class of the client's plugin, nothing for none
     * @param param what the plugin is told
     */
    record Authentication(
            @Nullable String pluginClassName, @DefaultValue Map<String, String> param) {}

    /**
     * @param io for connections; as many as there are processors by default
     * @param listener for listeners, of which Tally has none; as many as there are processors by default
     */
    record Threads(@Nullable Integer io, @Nullable Integer listener) {}
}
