package dev.tally.testkit.throughput;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Measures how many messages are confirmed in a second while up to {@value #UNDER_WAY} are under way, in batches of
 * {@value #BATCH}, with {@value #KEYS} keys and bodies of {@value #BYTES} random bytes.
 *
 * @since 0.1
 */
public final class SendThroughput {

    /** Messages that are sent and not confirmed yet, at most. */
    public static final int UNDER_WAY = 1024;

    /** Messages that are handed over at once. */
    public static final int BATCH = 64;

    /** Different keys. */
    public static final int KEYS = 10_000;

    /** Bytes of a body. */
    public static final int BYTES = 1024;

    private static final long PATIENCE_SECONDS = 60;

    private final String topic;
    private final LongSupplier nanoTime;
    private final Semaphore room = new Semaphore(UNDER_WAY);
    private final LongAdder confirmed = new LongAdder();
    private final AtomicReference<@Nullable String> failure = new AtomicReference<>();
    private long number;

    /**
     * Creates a measurement.
     *
     * @param topic a topic that is there
     * @param nanoTime a clock that only goes forward, in nanoseconds
     */
    public SendThroughput(String topic, LongSupplier nanoTime) {
        this.topic = topic;
        this.nanoTime = nanoTime;
    }

    /**
     * Measures.
     *
     * @param warmUp how long is sent before it counts
     * @param window how long it counts
     * @return confirmed messages in a second
     * @throws IllegalStateException if a message was not confirmed: then the figure would mean nothing
     */
    public double perSecond(Sender sender, Duration warmUp, Duration window) throws InterruptedException {
        sendUntil(sender, nanoTime.getAsLong() + warmUp.toNanos());
        long begun = nanoTime.getAsLong();
        long before = confirmed.sum();
        sendUntil(sender, begun + window.toNanos());
        double seconds = (nanoTime.getAsLong() - begun) / 1e9;
        long counted = confirmed.sum() - before;
        awaitRoom(UNDER_WAY);
        String reason = failure.get();
        if (reason != null) {
            throw new IllegalStateException("A message to '" + topic + "' was not confirmed: " + reason);
        }
        return counted / seconds;
    }

    private void sendUntil(Sender sender, long end) throws InterruptedException {
        byte[] body = new byte[BYTES];
        new Random(7).nextBytes(body);
        while (nanoTime.getAsLong() - end < 0 && failure.get() == null) {
            awaitRoom(BATCH);
            List<Message> batch = new ArrayList<>(BATCH);
            for (int i = 0; i < BATCH; i++) {
                long n = number++;
                batch.add(new Message(
                        new MessageId("m-" + n),
                        Destination.topic(topic),
                        "key-" + n % KEYS,
                        "order-placed",
                        Headers.empty().with(Headers.CONTENT_TYPE, "application/octet-stream"),
                        body));
            }
            sender.send(batch, this::ended);
        }
    }

    private void awaitRoom(int messages) throws InterruptedException {
        if (!room.tryAcquire(messages, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("No answer for " + PATIENCE_SECONDS + " s, "
                    + (UNDER_WAY - room.availablePermits()) + " messages to '" + topic + "' are under way");
        }
    }

    private void ended(@Nullable String reason) {
        if (reason == null) {
            confirmed.increment();
        } else {
            failure.compareAndSet(null, reason);
        }
        room.release();
    }
}
