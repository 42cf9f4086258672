package dev.tally.transport.rabbitmq;

import com.rabbitmq.client.AlreadyClosedException;
import dev.tally.transport.client.TransportThreads;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;

/**
 * Publishes messages on one channel, in the order in which they were handed over, and opens another one when that has closed.
 * Callers never wait. Thread-safe.
 *
 * <p>While the broker cannot be reached, it is asked for once in a second at most, and what waits meanwhile fails together.
 */
final class ConfirmedPublisher {

    private static final Logger LOG = LoggerFactory.getLogger(ConfirmedPublisher.class);

    private static final long PAUSE_MILLIS = 1_000;
    private static final int MOST_WAITING = 100_000;

    private final ConnectionFactory connections;
    private final Topology topology;
    private final ThreadPoolExecutor publishing = TransportThreads.pool("tally-rabbitmq-publish", 1, MOST_WAITING);
    private final ExecutorService answers;
    private final AtomicLong handedOver = new AtomicLong();
    private final CountDownLatch closing = new CountDownLatch(1);

    /** Up to which message, by number, the broker was asked for in vain. Written on the publishing thread. */
    private volatile long failedUpTo;

    private volatile @Nullable Throwable failure;
    private volatile @Nullable PublishingChannel channel;

    ConfirmedPublisher(ConnectionFactory connections, Topology topology) {
        ConnectionFactory publishers = connections.getPublisherConnectionFactory();
        this.connections = publishers == null ? connections : publishers;
        this.topology = topology;
        this.answers = Executors.newSingleThreadExecutor(TransportThreads.named("tally-rabbitmq-confirm"));
    }

    void publish(Publication publication) {
        long number = handedOver.incrementAndGet();
        try {
            publishing.execute(() -> publish(publication, number));
        } catch (RejectedExecutionException e) {
            publication.failed(
                    true,
                    publishing.isShutdown()
                            ? "the transport is closed"
                            : "the broker is too slow, " + MOST_WAITING + " messages wait for it",
                    e);
        }
    }

    private void publish(Publication publication, long number) {
        if (publication.outcome().isDone()) {
            return; // It waited for longer than it may.
        }
        if (closing.getCount() == 0) {
            publication.failed(true, "the transport is closed", null);
            return;
        }
        Throwable before = failure;
        if (number <= failedUpTo && before != null) {
            publication.failed(true, BrokerErrors.textOf(before), before);
            return;
        }
        try {
            channel().publish(publication);
        } catch (IOException | AmqpException | AlreadyClosedException e) {
            if (failure == null) {
                LOG.warn("RabbitMQ cannot be reached, sends fail and are tried again: {}", BrokerErrors.textOf(e));
            }
            failure = e;
            failedUpTo = handedOver.get();
            publication.failed(true, BrokerErrors.textOf(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            publication.failed(true, "interrupted", e);
        }
    }

    private PublishingChannel channel() throws IOException, InterruptedException {
        PublishingChannel current = channel;
        if (current != null && current.isOpen()) {
            return current;
        }
        if (current != null) {
            current.close();
            channel = null;
        }
        if (failure != null && closing.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
            throw new IOException("the transport is closed");
        }
        Link link = Link.open(connections);
        PublishingChannel opened;
        try {
            opened = PublishingChannel.open(link, topology, answers);
        } catch (IOException | AlreadyClosedException e) {
            link.close();
            throw e;
        }
        if (closing.getCount() == 0) {
            opened.close();
            throw new IOException("the transport is closed");
        }
        channel = opened;
        if (failure != null) {
            LOG.info("RabbitMQ is reached again");
        }
        failure = null;
        return opened;
    }

    /** What waits fails; what is under way is waited for. */
    void close(Duration limit) {
        closing.countDown();
        publishing.shutdown();
        PublishingChannel current = channel;
        try {
            boolean ended = publishing.awaitTermination(limit.toNanos(), TimeUnit.NANOSECONDS);
            if (current != null && ended) {
                current.settled().get(limit.toNanos(), TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException | ExecutionException e) {
            LOG.warn("Messages were not confirmed before the transport closed; the broker may have them or not");
        }
        if (current != null) {
            BoundedWork.within(limit, "tally-rabbitmq-close", current::close);
        }
        answers.shutdown();
    }
}
