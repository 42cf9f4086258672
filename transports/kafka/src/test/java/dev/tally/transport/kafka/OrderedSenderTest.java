package dev.tally.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.client.TransportThreads;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OrderedSenderTest {

    private final ScheduledExecutorService timer = TransportThreads.timer("test-timer");
    private final Admin admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:1"));
    private final List<Producer> producers = new CopyOnWriteArrayList<>();
    private final LiveProducer live = new LiveProducer(this::create, Runnable::run, System::nanoTime);
    private final OrderedSender sender = sender(Duration.ofSeconds(60));

    /** Refuses the first records, as one that does not know a topic yet. */
    private static final class Producer extends MockProducer<byte[], byte[]> {

        private final AtomicInteger refusals = new AtomicInteger();
        private final AtomicInteger attempts = new AtomicInteger();
        private volatile Runnable whenCalled = () -> {};
        private volatile Runnable whenRefused = () -> {};

        Producer() {
            super(false, null, new ByteArraySerializer(), new ByteArraySerializer());
        }

        @Override
        public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
            attempts.incrementAndGet();
            whenCalled.run();
            if (refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                TimeoutException refusal = new TimeoutException("not in metadata");
                callback.onCompletion(new RecordMetadata(null, -1, -1, -1, -1, -1), refusal);
                whenRefused.run();
                return CompletableFuture.failedFuture(refusal);
            }
            return super.send(record, callback);
        }

        List<String> texts() {
            return history().stream()
                    .map(record -> new String(record.value(), StandardCharsets.UTF_8))
                    .toList();
        }
    }

    private Producer create() {
        Producer created = new Producer();
        producers.add(created);
        return created;
    }

    private OrderedSender sender(Duration timeout) {
        Topics topics = new Topics(admin, Duration.ofSeconds(1), false);
        return new OrderedSender(
                new RecordSender(live, topics, timer, System::nanoTime, timeout),
                new MessageTranslation(1_000_000, null));
    }

    @AfterEach
    void close() {
        live.close();
        admin.close(Duration.ZERO);
        timer.shutdownNow();
    }

    @Test
    void hasOneMessageOfAKeyUnderWay() {
        List<CompletableFuture<SendOutcome>> outcomes =
                sender.send(List.of(message("k", "1"), message("k", "2"), message("other", "3"), message(null, "4")));

        assertThat(producers.get(0).texts()).containsExactly("1", "3", "4");
        producers.get(0).completeNext();
        assertThat(producers.get(0).texts()).containsExactly("1", "3", "4", "2");
        while (producers.get(0).completeNext()) {
            assertThat(producers).hasSize(1);
        }
        assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome.join()).isInstanceOf(SendOutcome.Sent.class));
    }

    @Test
    void sendsNothingOfAKeyAfterAFailure() {
        List<CompletableFuture<SendOutcome>> outcomes =
                sender.send(List.of(message("k", "1"), message("k", "2"), message("k", "3")));

        producers.get(0).errorNext(new TimeoutException("expired"));

        assertThat(producers.get(0).texts()).containsExactly("1");
        assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome.join())
                .isInstanceOfSatisfying(SendOutcome.Failed.class, failed -> assertThat(failed.retryable())
                        .isTrue()));
        sender.send(List.of(message("k", "1 again")));
        assertThat(producers.get(0).texts()).containsExactly("1", "1 again");
    }

    @Test
    void handsOverAgainWhatTheProducerDidNotTake() {
        producers.get(0).refusals.set(3);

        List<CompletableFuture<SendOutcome>> outcomes = sender.send(List.of(message("k", "1"), message("k", "2")));

        await().until(() -> producers.get(0).completeNext());
        await().until(() -> producers.get(0).completeNext());
        assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome.join()).isInstanceOf(SendOutcome.Sent.class));
        assertThat(producers.get(0).texts()).containsExactly("1", "2");
        assertThat(producers.get(0).attempts).hasValue(5);
    }

    @Test
    void handsOverAgainBeforeTheFirstCallHasReturned() {
        producers.get(0).refusals.set(2);
        CountDownLatch secondCall = new CountDownLatch(1);
        CountDownLatch firstReturned = new CountDownLatch(1);
        AtomicInteger calls = new AtomicInteger();
        producers.get(0).whenCalled = () -> {
            if (calls.incrementAndGet() == 2) {
                secondCall.countDown();
                pass(firstReturned);
            }
        };
        producers.get(0).whenRefused = () -> pass(secondCall);

        CompletableFuture<SendOutcome> outcome =
                sender.send(List.of(message("k", "1"))).get(0);
        firstReturned.countDown();

        await().until(() -> producers.get(0).completeNext());
        assertThat(outcome.join()).isInstanceOf(SendOutcome.Sent.class);
        assertThat(producers.get(0).attempts).hasValue(3);
    }

    private static void pass(CountDownLatch latch) {
        assertThatCode(() -> assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue())
                .doesNotThrowAnyException();
    }

    @Test
    void saysThatTheBrokerDoesNotHaveWhatTheProducerNeverTook() {
        producers.get(0).refusals.set(Integer.MAX_VALUE);

        SendOutcome outcome = sender(Duration.ofSeconds(1))
                .send(List.of(message("k", "1")))
                .get(0)
                .join();

        assertThat(outcome).isInstanceOfSatisfying(SendOutcome.Failed.class, failed -> {
            assertThat(failed.retryable()).isTrue();
            assertThat(failed.reason()).contains("m-1").contains("orders").contains("does not have it");
        });
    }

    @Test
    void tellsWhatCanNeverWorkFromWhatMay() {
        assertThat(failedWith(new RecordTooLargeException("too large")).retryable())
                .isFalse();
        assertThat(failedWith(new TopicAuthorizationException("orders")).retryable())
                .isFalse();
        assertThat(failedWith(new TimeoutException("expired")).retryable()).isTrue();
        assertThat(failedWith(new KafkaException("who knows")).retryable()).isTrue();
    }

    private SendOutcome.Failed failedWith(RuntimeException thrown) {
        CompletableFuture<SendOutcome> outcome =
                sender.send(List.of(message(null, "x"))).get(0);
        producers.get(0).errorNext(thrown);
        return (SendOutcome.Failed) outcome.join();
    }

    @Test
    void replacesAProducerThatCanSendNothingMore() {
        producers.get(0).sendException = new KafkaException("in an error state");
        SendOutcome first = sender.send(List.of(message("k", "1"))).get(0).join();

        CompletableFuture<SendOutcome> second =
                sender.send(List.of(message("k", "1"))).get(0);

        assertThat(first).isInstanceOfSatisfying(SendOutcome.Failed.class, failed -> assertThat(failed.retryable())
                .isTrue());
        assertThat(producers).hasSize(2);
        assertThat(producers.get(0).closed()).isTrue();
        producers.get(1).completeNext();
        assertThat(second.join()).isInstanceOf(SendOutcome.Sent.class);
    }

    @Test
    void failsWhenItIsClosed() {
        live.close();

        List<SendOutcome> outcomes = new ArrayList<>();
        sender.send(List.of(message("k", "1"), message(null, "2"))).forEach(outcome -> outcomes.add(outcome.join()));

        assertThat(outcomes).hasSize(2).allMatch(SendOutcome.Failed.class::isInstance);
    }

    private static Message message(String key, String text) {
        return new Message(
                new MessageId("m-" + text),
                Destination.topic("orders"),
                key,
                "type",
                Headers.empty(),
                text.getBytes(StandardCharsets.UTF_8));
    }
}
