package dev.tally.boot.transport;

import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/** What outgoing messages name as their CloudEvents source. */
final class CloudEventSource {

    private CloudEventSource() {}

    /**
     * The configured one; a slash and {@code spring.application.name} where none is configured.
     *
     * @param configured the transport's property; empty for no source
     */
    static @Nullable String of(@Nullable String configured, Environment environment) {
        if (configured != null) {
            return configured.isBlank() ? null : configured;
        }
        String application = environment.getProperty("spring.application.name");
        return StringUtils.hasText(application) ? "/" + application : null;
    }
}
