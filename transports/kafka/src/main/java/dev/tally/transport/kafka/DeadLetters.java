package dev.tally.transport.kafka;

import dev.tally.retry.Backoff;
import dev.tally.transport.SendOutcome;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies what a group cannot handle to its topic of dead letters. Tries until the brokers have confirmed it: before that the
 * original is not acknowledged. Thread-safe.
 */
final class DeadLetters {

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);

    private final RecordSender sender;
    private final Topics topics;
    private final ScheduledExecutorService timer;
    private final RandomGenerator random;
    private final String suffix;
    private final Backoff pauses;

    DeadLetters(
            RecordSender sender,
            Topics topics,
            ScheduledExecutorService timer,
            RandomGenerator random,
            KafkaSettings settings) {
        this.sender = sender;
        this.topics = topics;
        this.timer = timer;
        this.random = random;
        this.suffix = settings.deadLetterSuffix();
        this.pauses = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30), 2, 0.2);
    }

    String topicOf(String topic, String group) {
        return TopicNames.deadLetters(topic, group, suffix);
    }

    /**
     * Publishes a dead letter. Does not wait.
     *
     * @param wanted whether it is still this member's
     * @return done when it is confirmed; cancelled when it is not wanted any more
     */
    CompletableFuture<Void> publish(
            ConsumerRecord<byte[], byte[]> record, String group, String reason, BooleanSupplier wanted) {
        String to = topicOf(record.topic(), group);
        ProducerRecord<byte[], byte[]> letter = new ProducerRecord<>(
                to, null, null, record.key(), record.value(), DeadLetterHeaders.of(record, group, reason));
        String what = "Cannot dead-letter " + record.topic() + "-" + record.partition() + "-" + record.offset()
                + " of group '" + group + "' to Kafka topic '" + to + "'";
        CompletableFuture<Void> done = new CompletableFuture<>();
        new Publication(letter, what, wanted, done).begin();
        return done;
    }

    private final class Publication {

        private final ProducerRecord<byte[], byte[]> letter;
        private final String what;
        private final BooleanSupplier wanted;
        private final CompletableFuture<Void> done;
        private int failures;

        Publication(
                ProducerRecord<byte[], byte[]> letter,
                String what,
                BooleanSupplier wanted,
                CompletableFuture<Void> done) {
            this.letter = letter;
            this.what = what;
            this.wanted = wanted;
            this.done = done;
        }

        void begin() {
            var unused = topics.prepare(letter.topic()).thenRun(this::send);
        }

        private void send() {
            if (!wanted.getAsBoolean()) {
                done.cancel(false);
                return;
            }
            CompletableFuture<SendOutcome> outcome = sender.outcome(what);
            var unused = outcome.thenAccept(this::ended);
            sender.send(letter, outcome, what);
        }

        private void ended(SendOutcome outcome) {
            if (!(outcome instanceof SendOutcome.Failed failed)) {
                done.complete(null);
                return;
            }
            failures++;
            topics.unprepare(letter.topic());
            Duration pause = pauses.delay(failures, random);
            LOG.error(
                    "{}. It is kept, and its partition is not acknowledged beyond it; trying again in {}",
                    failed.reason(),
                    pause);
            try {
                var unused = timer.schedule(this::begin, pause.toMillis(), TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                LOG.debug("Not dead-lettering, the transport is closed", e);
                done.cancel(false);
            }
        }
    }
}
