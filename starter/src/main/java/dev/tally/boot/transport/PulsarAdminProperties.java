package dev.tally.boot.transport;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the HTTP administration of Pulsar is reached, by which groups are moved: by the names that Spring Boot gives to it.
 *
 * @param serviceUrl where it is, "http://host:port" or "https://host:port", several separated by ","; nothing for none: no
 *     group can be moved then
 * @param connectionTimeout how long connecting may take
 * @param requestTimeout how long a question may take with its redirections
 * @param readTimeout how long one answer may take
 * @param authentication how the client proves who it is
 */
@ConfigurationProperties("spring.pulsar.admin")
record PulsarAdminProperties(
        @Nullable String serviceUrl,
        @DefaultValue("1m") Duration connectionTimeout,
        @DefaultValue("5m") Duration requestTimeout,
        @DefaultValue("1m") Duration readTimeout,
        @DefaultValue PulsarClientProperties.Authentication authentication) {}
