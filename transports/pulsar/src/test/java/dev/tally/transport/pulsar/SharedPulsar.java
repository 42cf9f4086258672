package dev.tally.transport.pulsar;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.transport.Transport;
import dev.tally.transport.pulsar.server.PulsarServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.PulsarClientException;

/** One server for all tests of this JVM, and a client for each transport; the server ends with the JVM. */
final class SharedPulsar {

    private static final List<PulsarClient> CLIENTS = new CopyOnWriteArrayList<>();

    private static PulsarServer server;

    private SharedPulsar() {}

    static synchronized PulsarServer server() {
        if (server == null) {
            server = PulsarServer.start(emptied(Path.of("target", "pulsar").toAbsolutePath()));
        }
        return server;
    }

    /** What an earlier run has left there is some dozen megabytes. */
    private static Path emptied(Path folder) {
        if (Files.exists(folder)) {
            try (Stream<Path> old = Files.walk(folder)) {
                for (Path each : old.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(each);
                }
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot empty " + folder, e);
            }
        }
        return folder;
    }

    static PulsarClient client() {
        return client(server().serviceUrl());
    }

    static PulsarClient client(String serviceUrl) {
        try {
            PulsarClient client = PulsarClient.builder()
                    .serviceUrl(serviceUrl)
                    .ioThreads(1)
                    .listenerThreads(1)
                    .maxBackoffInterval(1, TimeUnit.SECONDS)
                    .build();
            CLIENTS.add(client);
            return client;
        } catch (PulsarClientException e) {
            throw new IllegalStateException("Cannot make a client of " + serviceUrl, e);
        }
    }

    /** After the transports, which do not close them. */
    static void closeClients() {
        CLIENTS.forEach(client -> {
            var unused = client.closeAsync();
        });
        CLIENTS.clear();
    }

    /** As the suites want it: in a hurry to close and to try again, and patient in sending. */
    static Transport transport() {
        return new PulsarTransport(
                client(),
                PulsarSettings.builder()
                        .sendTimeout(Duration.ofSeconds(20))
                        .closeTimeout(Duration.ofSeconds(1))
                        .retryDelay(Duration.ofMillis(200))
                        .build(),
                PulsarAdminSettings.of(server().webUrl()));
    }

    static Message tooLarge(String topic) {
        return new Message(
                new MessageId("large-" + topic),
                Destination.topic(topic),
                null,
                "t",
                Headers.empty(),
                new byte[6_000_000]);
    }
}
