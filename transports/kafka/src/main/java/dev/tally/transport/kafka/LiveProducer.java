package dev.tally.transport.kafka;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A producer that another one replaces when it can send nothing more: an idempotent producer never recovers from some
 * errors, such as a permission that it lacked for a moment. Thread-safe.
 */
final class LiveProducer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LiveProducer.class);

    /** Where each one fails at once, connections are made no faster than this. */
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Supplier<Producer<byte[], byte[]>> factory;
    private final Executor workers;
    private final LongSupplier nanoTime;
    private final Object lock = new Object();
    private volatile Producer<byte[], byte[]> current;
    private long since;
    private boolean closed;

    LiveProducer(Supplier<Producer<byte[], byte[]>> factory, Executor workers, LongSupplier nanoTime) {
        this.factory = factory;
        this.workers = workers;
        this.nanoTime = nanoTime;
        this.current = factory.get();
        this.since = nanoTime.getAsLong() - PAUSE_NANOS;
    }

    /**
     * Hands a record to the producer.
     *
     * @throws KafkaException if it is refused
     * @throws IllegalStateException if it is closed
     */
    void send(ProducerRecord<byte[], byte[]> record, Callback callback) {
        Producer<byte[], byte[]> producer = current;
        try {
            var unused = producer.send(record, (metadata, thrown) -> {
                if (thrown != null && SendFailures.endsProducer(thrown)) {
                    replace(producer, thrown);
                }
                callback.onCompletion(metadata, thrown);
            });
        } catch (KafkaException e) {
            // What is about the record is told by the callback; this is about the producer, or the caller.
            boolean ofCaller = e instanceof InterruptException || e instanceof ApiException;
            if (!ofCaller || SendFailures.endsProducer(e)) {
                replace(producer, e);
            }
            throw e;
        }
    }

    private void replace(Producer<byte[], byte[]> ended, Throwable cause) {
        synchronized (lock) {
            long now = nanoTime.getAsLong();
            if (closed || current != ended || now - since < PAUSE_NANOS) {
                return;
            }
            LOG.warn("The Kafka producer can send nothing more, another one takes its place", cause);
            current = factory.get();
            since = now;
        }
        try {
            workers.execute(() -> ended.close(Duration.ZERO));
        } catch (RejectedExecutionException e) {
            LOG.debug("Not closing a producer, the transport is closed", e);
        }
    }

    /** @param limit how long what is under way may take; what is not confirmed then fails */
    void close(Duration limit) {
        synchronized (lock) {
            if (closed) {
                return;
            }
            closed = true;
        }
        current.close(limit);
    }

    @Override
    public void close() {
        close(Duration.ZERO);
    }
}
