package dev.tally.transport.rocketmq;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.remoting.exception.RemotingException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the producer group known to every broker, so that a service that has just started is asked about the half
 * messages its predecessors left, even if it never sends. (The client itself only greets brokers of topics it has used.)
 */
final class ProducerPresence {

    private static final Logger LOG = LoggerFactory.getLogger(ProducerPresence.class);

    /** Brokers forget a client after 120 s. */
    private static final Duration PERIOD = Duration.ofSeconds(30);

    private static final Duration RETRY = Duration.ofSeconds(2);

    private final TallyProducer producer;
    private final ScheduledExecutorService timer;

    ProducerPresence(TallyProducer producer, ScheduledExecutorService timer) {
        this.producer = producer;
        this.timer = timer;
    }

    void begin() {
        next(Duration.ZERO);
    }

    private void next(Duration delay) {
        try {
            var unused = timer.schedule(this::announce, delay.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("No more announcements, the transport is closed", e);
        }
    }

    private void announce() {
        boolean reached = false;
        try {
            Set<String> masters = producer.findMasters();
            reached = !masters.isEmpty();
            for (String master : masters) {
                reached &= announceTo(master);
            }
        } catch (RemotingException | MQBrokerException | RuntimeException e) {
            LOG.debug(
                    "Cannot find brokers to announce group={} to; next try in {}",
                    producer.getProducerGroup(),
                    RETRY,
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        next(reached ? PERIOD : RETRY);
    }

    private boolean announceTo(String master) throws InterruptedException {
        try {
            producer.announceTo(master);
            return true;
        } catch (RemotingException | MQBrokerException | RuntimeException e) {
            LOG.debug(
                    "Cannot announce group={} to broker={}; next try in {}",
                    producer.getProducerGroup(),
                    master,
                    RETRY,
                    e);
            return false;
        }
    }
}
