package dev.tally.transport.pulsar;

import dev.tally.transport.SendOutcome;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.pulsar.client.api.MessageId;
import org.apache.pulsar.client.api.Producer;
import org.apache.pulsar.client.api.TypedMessageBuilder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends to one topic, in the order in which it is told to. Thread-safe, and never blocks.
 *
 * <p>Pulsar's producer stores what it is given in that order, sends all that is unconfirmed again after a lost connection,
 * and when one message's time is up, fails all that are behind it. So messages of one key need not wait for each other.
 * What waits for the producer itself is treated alike: when the first fails, all do.
 */
final class TopicProducer {

    private static final Logger LOG = LoggerFactory.getLogger(TopicProducer.class);

    /** As many as the producer itself may have unconfirmed. */
    static final int MAX_PENDING = 10_000;

    /** One message on its way. */
    record Departure(WireMessage message, String what, CompletableFuture<SendOutcome> outcome) {

        void fail(String reason) {
            outcome.complete(new SendOutcome.Failed(true, what + ": " + reason, null));
        }

        boolean isOver() {
            return outcome.isDone();
        }
    }

    private record Started(Departure departure, CompletableFuture<MessageId> stored, Producer<byte[]> producer) {}

    private final String topic;
    private final Supplier<CompletableFuture<Producer<byte[]>>> create;
    private final Object lock = new Object();
    private final Deque<Departure> waiting = new ArrayDeque<>();
    private @Nullable Producer<byte[]> producer;
    private boolean creating;
    private boolean closed;

    /**
     * Creates it; nothing happens before the first message.
     *
     * @param create asks the client for a producer
     */
    TopicProducer(String topic, Supplier<CompletableFuture<Producer<byte[]>>> create) {
        this.topic = topic;
        this.create = create;
    }

    void send(Departure departure) {
        Started started = null;
        boolean begin = false;
        synchronized (lock) {
            if (closed) {
                departure.fail("the transport is closed");
            } else if (producer != null) {
                started = start(producer, departure);
            } else if (waiting.size() >= MAX_PENDING) {
                departure.fail(MAX_PENDING + " messages wait for a producer already");
            } else {
                waiting.add(departure);
                begin = !creating;
                creating = true;
            }
        }
        if (started != null) {
            follow(started);
        } else if (!departure.isOver()) {
            var unused = departure.outcome().thenAccept(outcome -> {
                if (outcome instanceof SendOutcome.Failed) {
                    failAllWith(departure);
                }
            });
        }
        if (begin) {
            create();
        }
    }

    private void create() {
        CompletableFuture<Producer<byte[]>> created;
        try {
            created = create.get();
        } catch (RuntimeException e) {
            created = CompletableFuture.failedFuture(e);
        }
        var unused = created.whenComplete((made, failure) -> {
            if (made == null) {
                notCreated(failure);
            } else {
                created(made);
            }
        });
    }

    private void created(Producer<byte[]> made) {
        List<Started> started = new ArrayList<>();
        List<Departure> left;
        synchronized (lock) {
            creating = false;
            if (!closed) {
                producer = made;
                // One that is over has failed, and whoever is told of it at this moment sends those behind it again.
                if (waiting.stream().noneMatch(Departure::isOver)) {
                    waiting.forEach(departure -> started.add(start(made, departure)));
                    waiting.clear();
                }
            }
            left = takeWaiting();
        }
        if (closed) {
            var unused = made.closeAsync();
        }
        left.forEach(departure -> departure.fail("an earlier message to the topic waited too long for a producer"));
        started.forEach(this::follow);
    }

    private void notCreated(Throwable failure) {
        List<Departure> left;
        synchronized (lock) {
            creating = false;
            left = takeWaiting();
        }
        LOG.warn(
                "Cannot create a producer, with the next message it is tried again topic={} failed={}: {}",
                topic,
                left.size(),
                SendFailures.reason(SendFailures.unwrapped(failure)));
        left.forEach(departure -> departure.outcome().complete(SendFailures.of(failure, departure.what())));
    }

    /** Under the lock: the order in which the producer is told is the order of the topic. */
    private static Started start(Producer<byte[]> producer, Departure departure) {
        CompletableFuture<MessageId> stored;
        try {
            TypedMessageBuilder<byte[]> builder = producer.newMessage();
            departure.message().writeTo(builder);
            stored = builder.sendAsync();
        } catch (RuntimeException e) {
            stored = CompletableFuture.failedFuture(e);
        }
        return new Started(departure, stored, producer);
    }

    /** Not under the lock: it may be over already, and others are told of it. */
    private void follow(Started started) {
        Departure departure = started.departure();
        var unused = started.stored().whenComplete((id, failure) -> {
            if (id != null) {
                departure.outcome().complete(new SendOutcome.Sent(id.toString()));
                return;
            }
            if (SendFailures.endsProducer(failure)) {
                discard(started.producer());
            }
            departure.outcome().complete(SendFailures.of(failure, departure.what()));
        });
    }

    private void discard(Producer<byte[]> ended) {
        synchronized (lock) {
            if (producer != ended) {
                return;
            }
            producer = null;
        }
        var unused = ended.closeAsync();
    }

    private void failAllWith(Departure failed) {
        List<Departure> left;
        synchronized (lock) {
            left = waiting.contains(failed) ? takeWaiting() : List.of();
        }
        left.forEach(departure -> departure.fail("an earlier message to the topic waited too long for a producer"));
    }

    private List<Departure> takeWaiting() {
        List<Departure> taken = new ArrayList<>(waiting);
        waiting.clear();
        return taken;
    }

    /** Fails what waits; done when the producer is closed. */
    CompletableFuture<Void> close() {
        List<Departure> left;
        Producer<byte[]> open;
        synchronized (lock) {
            closed = true;
            open = producer;
            producer = null;
            left = takeWaiting();
        }
        left.forEach(departure -> departure.fail("the transport is closed"));
        return open == null ? CompletableFuture.completedFuture(null) : open.closeAsync();
    }
}
