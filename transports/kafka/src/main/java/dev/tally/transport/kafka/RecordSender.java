package dev.tally.transport.kafka;

import dev.tally.transport.SendOutcome;
import dev.tally.transport.client.SendTimeouts;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Hands records to the producer without waiting for it. A producer that does not know a topic's partitions yet, or whose
 * memory is full, refuses a record; it is handed over again until the time-out. Thread-safe.
 */
final class RecordSender {

    private static final long FIRST_PAUSE_MILLIS = 5;
    private static final long LONGEST_PAUSE_MILLIS = 100;

    private final LiveProducer producer;
    private final Topics topics;
    private final ScheduledExecutorService timer;
    private final LongSupplier nanoTime;
    private final SendTimeouts timeouts;

    RecordSender(
            LiveProducer producer,
            Topics topics,
            ScheduledExecutorService timer,
            LongSupplier nanoTime,
            Duration timeout) {
        this.producer = producer;
        this.topics = topics;
        this.timer = timer;
        this.nanoTime = nanoTime;
        this.timeouts = new SendTimeouts(timeout);
    }

    /** An outcome that is there within the time-out, whatever happens. */
    CompletableFuture<SendOutcome> outcome(String what) {
        return timeouts.watch(new CompletableFuture<>(), what);
    }

    /**
     * Sends a record. Never blocks.
     *
     * @param outcome where the outcome goes, see {@link #outcome}
     * @param what the beginning of an error
     */
    void send(ProducerRecord<byte[], byte[]> record, CompletableFuture<SendOutcome> outcome, String what) {
        new Attempt(record, outcome, what).run();
    }

    private final class Attempt {

        private final ProducerRecord<byte[], byte[]> record;
        private final CompletableFuture<SendOutcome> outcome;
        private final String what;
        private final long begun = nanoTime.getAsLong();
        private long pauseMillis = FIRST_PAUSE_MILLIS;

        Attempt(ProducerRecord<byte[], byte[]> record, CompletableFuture<SendOutcome> outcome, String what) {
            this.record = record;
            this.outcome = outcome;
            this.what = what;
        }

        void run() {
            if (outcome.isDone()) {
                return;
            }
            HandOver handOver = new HandOver();
            try {
                producer.send(record, handOver);
            } catch (KafkaException | IllegalStateException e) {
                outcome.complete(SendFailures.of(e, what));
            } finally {
                handOver.over = true;
            }
        }

        /**
         * One call of the producer. It has not taken a record that it refuses within the call; what it says later, of any
         * thread's, is about one that it had.
         */
        private final class HandOver implements Callback {

            private final Thread caller = Thread.currentThread();
            private volatile boolean over;

            @Override
            public void onCompletion(RecordMetadata metadata, @Nullable Exception thrown) {
                if (thrown == null) {
                    outcome.complete(SendFailures.sent(metadata));
                } else if (thrown instanceof TimeoutException && !over && caller == Thread.currentThread()) {
                    notTaken(thrown);
                } else {
                    outcome.complete(SendFailures.of(thrown, what));
                }
            }
        }

        private void notTaken(Exception thrown) {
            Throwable known = topics.faultOf(record.topic());
            long left = timeouts.timeout().toNanos()
                    - (nanoTime.getAsLong() - begun)
                    - TimeUnit.MILLISECONDS.toNanos(pauseMillis);
            if (known != null && (SendFailures.isFinal(known) || left <= 0)) {
                outcome.complete(SendFailures.of(known, what));
            } else if (left <= 0) {
                outcome.complete(new SendOutcome.Failed(
                        true,
                        what + ": the producer has not taken it within " + timeouts.timeout()
                                + ", the broker does not have it: " + SendFailures.reason(thrown),
                        thrown));
            } else {
                again();
            }
        }

        private void again() {
            try {
                var unused = timer.schedule(this::run, pauseMillis, TimeUnit.MILLISECONDS);
                pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, pauseMillis * 2);
            } catch (RejectedExecutionException e) {
                outcome.complete(SendFailures.of(e, what + ": the transport is closed"));
            }
        }
    }
}
