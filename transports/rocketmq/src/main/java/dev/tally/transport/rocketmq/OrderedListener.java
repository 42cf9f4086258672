package dev.tally.transport.rocketmq;

import dev.tally.message.Message;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyContext;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.common.message.MessageExt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers a queue in order.
 *
 * <ol>
 *   <li>What took effect stays done; what never will is dead-lettered at once.
 *   <li>If anything is left, the queue pauses and the client hands the batch over again; only what is left reaches the
 *       handler.
 *   <li>A failed message holds those behind it, so of several that are to be retried only the first was tried; the others
 *       lose no attempt by it.
 *   <li>A message whose attempts are used up is dead-lettered, and its queue goes on.
 * </ol>
 *
 * <p>Attempts of ordered messages are counted in memory, by RocketMQ's client as by this class: they begin again when
 * the queue moves to another process.
 */
final class OrderedListener implements MessageListenerOrderly {

    private static final Logger LOG = LoggerFactory.getLogger(OrderedListener.class);

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private final Map<String, TopicHandler> handlers;
    private final MessageTranslation translation;
    private final HandBack handBack;
    private final Duration firstPause;
    private final Progress progress = new Progress();

    OrderedListener(
            Map<String, TopicHandler> handlers,
            MessageTranslation translation,
            HandBack handBack,
            Duration firstPause) {
        this.handlers = handlers;
        this.translation = translation;
        this.handBack = handBack;
        this.firstPause = firstPause;
    }

    @Override
    public ConsumeOrderlyStatus consumeMessage(List<MessageExt> batch, ConsumeOrderlyContext context) {
        List<MessageExt> open = new ArrayList<>(batch);
        open.removeIf(progress::isDone);
        if (open.isEmpty()) {
            return ConsumeOrderlyStatus.SUCCESS;
        }
        TopicHandler handler = handlers.get(open.get(0).getTopic());
        if (handler == null) {
            return ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT; // closed a moment ago, another member takes it
        }
        List<Message> messages = open.stream().map(translation::fromWire).toList();
        List<ReceivedMessage> deliveries = new ArrayList<>(open.size());
        for (int i = 0; i < open.size(); i++) {
            deliveries.add(new ReceivedMessage(messages.get(i), progress.failedAttempts(open.get(i)) + 1));
        }
        int mostFailed = settle(open, deliveries, handler.handle(deliveries), handler.subscription());
        if (mostFailed == 0) {
            progress.forget(batch);
            return ConsumeOrderlyStatus.SUCCESS;
        }
        context.setSuspendCurrentQueueTimeMillis(pauseAfter(mostFailed).toMillis());
        return ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT;
    }

    /** Returns 0 if all are settled, else the failed attempts of the one that failed most. */
    private int settle(
            List<MessageExt> open,
            List<ReceivedMessage> deliveries,
            List<DeliveryOutcome> outcomes,
            Subscription subscription) {
        int mostFailed = 0;
        boolean held = false;
        for (int i = 0; i < open.size(); i++) {
            MessageExt delivery = open.get(i);
            boolean failed = outcomes.get(i) instanceof DeliveryOutcome.Retry;
            boolean waited = failed && held;
            held |= failed;
            if (!waited && settle(delivery, deliveries.get(i), outcomes.get(i), subscription)) {
                progress.done(delivery);
                continue;
            }
            if (!waited) {
                progress.failed(delivery);
            }
            mostFailed = Math.max(mostFailed, Math.max(1, progress.failedAttempts(delivery)));
        }
        return mostFailed;
    }

    private boolean settle(
            MessageExt delivery, ReceivedMessage received, DeliveryOutcome outcome, Subscription subscription) {
        int attempt = received.attempt();
        if (outcome instanceof DeliveryOutcome.DeadLetter dead) {
            return handBack.toDeadLetters(delivery, subscription, attempt, dead.reason());
        }
        if (outcome instanceof DeliveryOutcome.Retry retry) {
            if (attempt >= subscription.maxAttempts()) {
                return handBack.toDeadLetters(delivery, subscription, attempt, ParallelListener.lastAttempt(retry));
            }
            LOG.warn(
                    "Message holds its queue and will be delivered again messageId={} topic={} group={} queue={}"
                            + " attempt={} of={} pause={} reason={}",
                    received.message().id(),
                    subscription.topic(),
                    subscription.group(),
                    delivery.getQueueId(),
                    attempt,
                    subscription.maxAttempts(),
                    pauseAfter(attempt),
                    retry.reason());
            return false;
        }
        return true;
    }

    private Duration pauseAfter(int failedAttempts) {
        Duration pause = firstPause.multipliedBy(1L << Math.min(failedAttempts - 1, 20));
        return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    }
}
