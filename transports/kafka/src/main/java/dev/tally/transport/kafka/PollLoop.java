package dev.tally.transport.kafka;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of one consumer of a subscription, on the subscription's thread. Kafka takes a member for dead that does not come
 * back for more, so nothing here waits for handlers, except while partitions go to other members.
 */
final class PollLoop {

    private static final Logger LOG = LoggerFactory.getLogger(PollLoop.class);

    private static final Duration IDLE = Duration.ofMillis(100);

    /** While a partition waits for room: when there is some, nobody wakes the consumer. */
    private static final Duration BUSY = Duration.ofMillis(10);

    /** How long leaving may take where the brokers do not answer. */
    static final Duration LEAVE_LIMIT = Duration.ofSeconds(2);

    private final Consumer<byte[], byte[]> consumer;
    private final Partitions partitions;
    private final Membership membership;
    private final LongSupplier nanoTime;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    /** How the consumer comes by its partitions, and what becomes of their positions. */
    interface Membership {

        /** Asks for partitions. */
        void join();

        /** Called between fetches. */
        void tend(long now);

        /** The end: gives away what is here. */
        void leave();
    }

    /** Makes the membership of a consumer; {@code tasks} takes what is to be run between fetches. */
    interface MembershipFactory {

        Membership of(Consumer<byte[], byte[]> consumer, Partitions partitions, Executor tasks);
    }

    PollLoop(
            Consumer<byte[], byte[]> consumer,
            Consumption consumption,
            MembershipFactory membership,
            LongSupplier nanoTime) {
        this.consumer = consumer;
        this.partitions = new Partitions(consumer, consumption);
        this.membership = membership.of(consumer, partitions, tasks::add);
        this.nanoTime = nanoTime;
    }

    /**
     * Fetches until it is to stop; the consumer is closed then.
     *
     * @throws KafkaException if this consumer cannot go on
     */
    void run(BooleanSupplier stopping) {
        try {
            membership.join();
            while (!stopping.getAsBoolean()) {
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                    task.run();
                }
                boolean roomForAll = partitions.steer();
                partitions.offer(consumer.poll(roomForAll ? IDLE : BUSY));
                membership.tend(nanoTime.getAsLong());
            }
        } finally {
            close();
        }
    }

    private void close() {
        try {
            membership.leave();
        } catch (KafkaException | IllegalStateException e) {
            LOG.warn("Cannot tell the brokers the last positions, their messages come again", e);
        } finally {
            closeConsumer();
        }
    }

    private void closeConsumer() {
        try {
            consumer.close(CloseOptions.timeout(LEAVE_LIMIT));
        } catch (KafkaException e) {
            LOG.warn("Cannot close a consumer in order", e);
        }
    }
}
