package dev.tally.transport.redis;

import dev.tally.message.Message;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what a group could not handle in the topic {@code <topic>:<group>:dead}, with the reason in headers. Tries until it
 * succeeds; until then the message is not acknowledged. Thread-safe.
 */
final class DeadLetters {

    static final String REASON = "tally-dead-letter-reason";
    static final String TOPIC = "tally-dead-letter-topic";
    static final String GROUP = "tally-dead-letter-group";
    static final String ATTEMPTS = "tally-dead-letter-attempts";

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);
    private static final long AGAIN_MILLIS = 1_000;
    private static final int LONGEST_REASON = 2_000;

    private final StreamSender sender;
    private final ScheduledExecutorService timer;

    DeadLetters(StreamSender sender, ScheduledExecutorService timer) {
        this.sender = sender;
        this.timer = timer;
    }

    /**
     * Keeps a message.
     *
     * @param attempts how many were made
     * @param kept told once the server has confirmed it
     */
    void keep(Subscription subscription, Message message, int attempts, String reason, Runnable kept) {
        String topic = RedisKeys.deadLetters(subscription.topic(), subscription.group());
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put(REASON, reason.length() > LONGEST_REASON ? reason.substring(0, LONGEST_REASON) : reason);
        headers.put(TOPIC, subscription.topic());
        headers.put(GROUP, subscription.group());
        headers.put(ATTEMPTS, Integer.toString(attempts));
        LOG.warn(
                "Dead letter topic={} group={} messageId={} attempts={} to={} reason={}",
                subscription.topic(),
                subscription.group(),
                message.id(),
                attempts,
                topic,
                reason);
        send(topic, message, EntryTranslation.fieldsOf(message, headers), kept);
    }

    private void send(String topic, Message message, List<byte[]> fields, Runnable kept) {
        String what = "Cannot keep message " + message.id() + " as a dead letter in Redis topic '" + topic + "'";
        var unused = sender.send(topic, message.key(), fields, what).thenAccept(outcome -> {
            if (outcome instanceof SendOutcome.Failed failed) {
                LOG.warn("{}; trying again in {} ms, it stays unacknowledged", failed.reason(), AGAIN_MILLIS);
                again(() -> send(topic, message, fields, kept));
            } else {
                kept.run();
            }
        });
    }

    private void again(Runnable attempt) {
        try {
            var unused = timer.schedule(attempt, AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("Dead letter not kept, the transport is closed: it is delivered again", e);
        }
    }
}
