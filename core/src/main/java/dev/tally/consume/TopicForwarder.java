package dev.tally.consume;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.transport.BatchHandler;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.Transport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what a group receives from a topic on to another one: the same id, key, headers and payload. Each is acknowledged
 * when the broker has confirmed it, so a crash sends some twice, and the group's inbox drops the second. Thread-safe.
 *
 * <ul>
 *   <li>Of each key the next one goes when the one before it is confirmed, so that none overtakes another, whatever the
 *       transport does with sends that fail.
 *   <li>It brings with it when it was stored for the first time, since the group's inbox may have forgotten the original
 *       while the copy is young.
 *   <li>It never dead-letters: what cannot be sent at all, or not within the group's attempts, stops the forwarding until
 *       a person resumes it.
 * </ul>
 */
final class TopicForwarder implements BatchHandler {

    private static final Logger log = LoggerFactory.getLogger(TopicForwarder.class);

    private final Subscription from;
    private final String topic;
    private final Transport transport;

    TopicForwarder(Subscription from, String topic, Transport transport) {
        this.from = from;
        this.topic = topic;
        this.transport = transport;
    }

    @Override
    public List<DeliveryOutcome> handle(List<ReceivedMessage> batch) {
        DeliveryOutcome[] outcomes = new DeliveryOutcome[batch.size()];
        List<Integer> left = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            left.add(i);
        }
        while (!left.isEmpty()) {
            List<Integer> now = new ArrayList<>();
            List<Integer> later = new ArrayList<>();
            Set<String> keys = new HashSet<>();
            for (int i : left) {
                String key = batch.get(i).message().key();
                (key == null || keys.add(key) ? now : later).add(i);
            }
            send(batch, now, outcomes);
            left = withoutThoseBehindAFailure(batch, now, later, outcomes);
        }
        return Arrays.stream(outcomes).map(Objects::requireNonNull).toList();
    }

    private void send(List<ReceivedMessage> batch, List<Integer> now, DeliveryOutcome[] outcomes) {
        List<CompletableFuture<SendOutcome>> sent =
                transport.send(now.stream().map(i -> forwarded(batch.get(i))).toList());
        for (int i = 0; i < now.size(); i++) {
            ReceivedMessage received = batch.get(now.get(i));
            outcomes[now.get(i)] = outcome(received, sent.get(i).join());
        }
    }

    /** In a group without order nothing waits for its key. */
    private List<Integer> withoutThoseBehindAFailure(
            List<ReceivedMessage> batch, List<Integer> now, List<Integer> later, DeliveryOutcome[] outcomes) {
        Set<String> failed = new HashSet<>();
        for (int i : now) {
            String key = batch.get(i).message().key();
            if (key != null && !(outcomes[i] instanceof DeliveryOutcome.Delivered)) {
                failed.add(key);
            }
        }
        List<Integer> left = new ArrayList<>();
        for (int i : later) {
            if (from.ordered() && failed.contains(batch.get(i).message().key())) {
                outcomes[i] = new DeliveryOutcome.Retry("an earlier message of its key was not forwarded");
            } else {
                left.add(i);
            }
        }
        return left;
    }

    private DeliveryOutcome outcome(ReceivedMessage received, SendOutcome outcome) {
        if (outcome instanceof SendOutcome.Failed failed) {
            String reason = "Cannot forward message " + received.message().id() + " of group " + from.group() + " from "
                    + from.topic() + " to " + topic + ": " + failed.reason();
            if (failed.retryable() && received.attempt() < from.maxAttempts()) {
                log.warn("{}; it is tried again", reason, failed.cause());
                return new DeliveryOutcome.Retry(reason);
            }
            log.error("{}; forwarding stops until a person resumes it", reason, failed.cause());
            return new DeliveryOutcome.Stop(reason);
        }
        return new DeliveryOutcome.Delivered();
    }

    private Message forwarded(ReceivedMessage received) {
        Message message = received.message();
        return new Message(
                message.id(),
                new Destination(topic, message.destination().tag()),
                message.key(),
                message.type(),
                headers(received),
                message.payload());
    }

    /** Without a delay: it is due, or it would not be here. */
    private static Headers headers(ReceivedMessage received) {
        Map<String, String> values =
                new LinkedHashMap<>(received.message().headers().asMap());
        values.remove(Headers.DELAY);
        values.remove(Headers.DELIVER_AT);
        Instant storedAt = FirstStored.of(received);
        if (storedAt == null) {
            values.remove(Headers.STORED_AT);
        } else {
            values.put(Headers.STORED_AT, Long.toString(storedAt.toEpochMilli()));
        }
        return Headers.of(values);
    }
}
