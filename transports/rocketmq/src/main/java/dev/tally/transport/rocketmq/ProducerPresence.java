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
    /** Used by one announcement after the other. */
    private volatile boolean refusedBefore;

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
        } catch (MQBrokerException e) {
            refused("the name server", e);
        } catch (RemotingException | RuntimeException e) {
            LOG.debug(
                    "Cannot find brokers to announce group={} to; next try in {}",
                    producer.getProducerGroup(),
                    RETRY,
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        refusedBefore &= !reached;
        next(reached ? PERIOD : RETRY);
    }

    private boolean announceTo(String master) throws InterruptedException {
        try {
            producer.announceTo(master);
            return true;
        } catch (MQBrokerException e) {
            refused("broker " + master, e);
            return false;
        } catch (RemotingException | RuntimeException e) {
            LOG.debug(
                    "Cannot announce group={} to broker={}; next try in {}",
                    producer.getProducerGroup(),
                    master,
                    RETRY,
                    e);
            return false;
        }
    }

    /** Unlike a broker that is down, one that refuses does not come round by itself: somebody has to hear of it, once. */
    private void refused(String who, MQBrokerException e) {
        if (!refusedBefore) {
            LOG.warn(
                    "RocketMQ refuses this client, so that it is not asked about half messages; its access key, secret key"
                            + " and permissions have to be looked at. It is tried again every {} by={} group={} code={}"
                            + " reason={}",
                    RETRY,
                    who,
                    producer.getProducerGroup(),
                    e.getResponseCode(),
                    e.getErrorMessage());
        }
        refusedBefore = true;
    }
}
