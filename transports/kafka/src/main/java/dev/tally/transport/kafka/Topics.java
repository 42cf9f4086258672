package dev.tally.transport.kafka;

import dev.tally.transport.TransportException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks for topics, and creates them. Thread-safe. */
final class Topics {

    private static final Logger LOG = LoggerFactory.getLogger(Topics.class);

    private final Admin admin;
    private final Duration limit;
    private final boolean createMissing;
    private final Map<String, CompletableFuture<Optional<Throwable>>> inquiries = new ConcurrentHashMap<>();
    private final Map<String, CompletableFuture<Void>> prepared = new ConcurrentHashMap<>();

    /** @param limit how long a question to the brokers may take */
    Topics(Admin admin, Duration limit, boolean createMissing) {
        this.admin = admin;
        this.limit = limit;
        this.createMissing = createMissing;
    }

    /**
     * What the brokers said against a topic that the producer does not find; {@code null} where there is nothing, or where
     * they have not answered yet. Does not wait: it asks in the background.
     */
    @Nullable Throwable faultOf(String topic) {
        CompletableFuture<Optional<Throwable>> inquiry = inquiries.computeIfAbsent(topic, name -> describe(name)
                .handle((found, thrown) -> Optional.ofNullable(thrown).map(Topics::cause)));
        if (!inquiry.isDone()) {
            return null;
        }
        inquiries.remove(topic, inquiry);
        return inquiry.join().orElse(null);
    }

    /**
     * Whether a topic is there. Creates it where that is allowed; waits for the brokers.
     *
     * @throws TransportException if they do not answer, or refuse
     */
    boolean isReady(String topic) {
        try {
            await(describe(topic));
            return true;
        } catch (ExecutionException e) {
            Throwable cause = cause(e);
            if (!(cause instanceof UnknownTopicOrPartitionException)) {
                throw new TransportException(
                        "Cannot look for topic '" + topic + "': " + SendFailures.reason(cause), cause);
            }
            return createMissing && isCreated(topic);
        }
    }

    private boolean isCreated(String topic) {
        try {
            await(create(topic));
            LOG.info("Created a missing topic with the brokers' default partitions and replicas topic={}", topic);
            return true;
        } catch (ExecutionException e) {
            Throwable cause = cause(e);
            if (cause instanceof TopicExistsException) {
                return true;
            }
            throw new TransportException(
                    "Cannot create the missing topic '" + topic + "': " + SendFailures.reason(cause), cause);
        }
    }

    /** Creates a topic where it is missing and that is allowed. Whatever comes of it, sending to it will tell. */
    CompletableFuture<Void> prepare(String topic) {
        if (!createMissing) {
            return CompletableFuture.completedFuture(null);
        }
        return prepared.computeIfAbsent(
                        topic,
                        name -> describe(name).thenAccept(found -> {}).exceptionallyCompose(missing -> create(name)))
                .exceptionally(thrown -> {
                    LOG.debug("Not created topic={}", topic, thrown);
                    return null;
                });
    }

    /** Sending to it failed, so {@link #prepare} is to look again. */
    void unprepare(String topic) {
        prepared.remove(topic);
    }

    /** What the brokers say of a topic. */
    CompletableFuture<TopicDescription> describe(String topic) {
        try {
            return answer(topic);
        } catch (KafkaException | IllegalStateException e) { // It is closed.
            return CompletableFuture.failedFuture(e);
        }
    }

    private CompletableFuture<TopicDescription> answer(String topic) {
        return Objects.requireNonNull(
                        admin.describeTopics(List.of(topic), new DescribeTopicsOptions().timeoutMs(millis()))
                                .topicNameValues()
                                .get(topic))
                .toCompletionStage()
                .toCompletableFuture();
    }

    private CompletableFuture<Void> create(String topic) {
        NewTopic missing = new NewTopic(topic, Optional.empty(), Optional.empty());
        return admin.createTopics(List.of(missing), new CreateTopicsOptions().timeoutMs(millis()))
                .all()
                .toCompletionStage()
                .toCompletableFuture();
    }

    private int millis() {
        return (int) limit.toMillis();
    }

    private void await(CompletableFuture<?> answer) throws ExecutionException {
        try {
            answer.get(limit.toMillis() * 2, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new ExecutionException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ExecutionException(e);
        }
    }

    private static Throwable cause(Throwable thrown) {
        boolean wraps = thrown instanceof ExecutionException || thrown instanceof CompletionException;
        return wraps && thrown.getCause() != null ? thrown.getCause() : thrown;
    }
}
