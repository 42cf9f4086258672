package dev.tally.transport.pulsar;

import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.apache.pulsar.client.api.Authentication;
import org.jspecify.annotations.Nullable;

/**
 * How the HTTP administration of Pulsar is reached, by which groups are moved. Its account needs the permission to consume
 * the topics. Immutable.
 *
 * @param serviceUrl {@code http://host:port} or {@code https://host:port}, several separated by commas: the next one is
 *     asked where one cannot be reached
 * @param connectionTimeout how long connecting to one of them may take; a minute by default
 * @param requestTimeout how long a question may take with its redirections and other addresses; 5 minutes by default
 * @param readTimeout how long one answer may take; a minute by default
 * @param authentication whose headers for HTTP are sent, closed with the transport; {@code null} for none
 * @param tls trusts the brokers' certificates, and has one of the client where they want it; {@code null} for that of the
 *     JVM
 * @since 0.1
 */
public record PulsarAdminSettings(
        String serviceUrl,
        Duration connectionTimeout,
        Duration requestTimeout,
        Duration readTimeout,
        @Nullable Authentication authentication,
        @Nullable SSLContext tls) {

    /** @throws IllegalArgumentException if there is no such address, or if a timeout is below 1 ms */
    public PulsarAdminSettings {
        addresses(serviceUrl).forEach(PulsarAdminSettings::requireAddress);
        require("connectionTimeout", connectionTimeout);
        require("requestTimeout", requestTimeout);
        require("readTimeout", readTimeout);
    }

    /** Those of a server without authentication, with the default timeouts. */
    public static PulsarAdminSettings of(String serviceUrl) {
        return new PulsarAdminSettings(
                serviceUrl, Duration.ofMinutes(1), Duration.ofMinutes(5), Duration.ofMinutes(1), null, null);
    }

    /** Without a slash at their ends. */
    List<URI> addresses() {
        return addresses(serviceUrl).stream().map(URI::create).toList();
    }

    private static List<String> addresses(String serviceUrl) {
        return Arrays.stream(serviceUrl.split(",", -1))
                .map(String::strip)
                .map(each -> each.endsWith("/") ? each.substring(0, each.length() - 1) : each)
                .toList();
    }

    private static void requireAddress(String address) {
        URI uri;
        try {
            uri = URI.create(address);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(refused("serviceUrl has '" + address + "', which is no address"), e);
        }
        String scheme = uri.getScheme();
        if (uri.getHost() == null || !("http".equals(scheme) || "https".equals(scheme))) {
            throw new IllegalArgumentException(refused(
                    "serviceUrl has '" + address + "', which is neither http://host:port nor https://host:port"));
        }
    }

    private static void require(String name, Duration timeout) {
        if (timeout.toMillis() < 1) {
            throw new IllegalArgumentException(refused(name + " is " + timeout + ", at least 1 ms is possible"));
        }
    }

    private static String refused(String reason) {
        return "Cannot create settings of Pulsar's administration: " + reason;
    }
}
