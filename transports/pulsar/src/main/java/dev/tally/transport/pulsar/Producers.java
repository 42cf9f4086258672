package dev.tally.transport.pulsar;

import dev.tally.transport.SendOutcome;
import dev.tally.transport.client.SendTimeouts;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.pulsar.client.api.BatcherBuilder;
import org.apache.pulsar.client.api.Producer;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.Schema;

/** A producer for each topic that something is sent to, made with its first message. Thread-safe. */
final class Producers {

    private final PulsarClient client;
    private final Duration sendTimeout;
    private final SendTimeouts timeouts;
    private final Map<String, TopicProducer> byTopic = new ConcurrentHashMap<>();
    private volatile boolean closed;

    Producers(PulsarClient client, Duration sendTimeout) {
        this.client = client;
        this.sendTimeout = sendTimeout;
        this.timeouts = new SendTimeouts(sendTimeout);
    }

    /**
     * Sends a message after those of its topic that were handed over before.
     *
     * @param what begins the reason if it fails
     * @return completes normally, within the send time-out
     */
    CompletableFuture<SendOutcome> send(WireMessage message, String what) {
        if (closed) {
            return CompletableFuture.completedFuture(
                    new SendOutcome.Failed(true, what + ": the transport is closed", null));
        }
        CompletableFuture<SendOutcome> outcome = timeouts.watch(new CompletableFuture<>(), what);
        byTopic.computeIfAbsent(message.topic(), topic -> new TopicProducer(topic, () -> create(topic)))
                .send(new TopicProducer.Departure(message, what, outcome));
        return outcome;
    }

    private CompletableFuture<Producer<byte[]>> create(String topic) {
        return client.newProducer(Schema.BYTES)
                .topic(topic)
                // A batch goes to one consumer of a group, so it must hold one key.
                .batcherBuilder(BatcherBuilder.KEY_BASED)
                .enableBatching(true)
                .blockIfQueueFull(false)
                .maxPendingMessages(TopicProducer.MAX_PENDING)
                .sendTimeout(Math.toIntExact(sendTimeout.toMillis()), TimeUnit.MILLISECONDS)
                .createAsync();
    }

    /** Sends nothing more; done when all producers are closed. */
    CompletableFuture<Void> close() {
        closed = true;
        List<CompletableFuture<Void>> closing =
                byTopic.values().stream().map(TopicProducer::close).toList();
        return CompletableFuture.allOf(closing.toArray(CompletableFuture<?>[]::new));
    }
}
