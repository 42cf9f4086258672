package dev.tally.transport.rocketmq;

import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.Subscription;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyContext;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.common.message.MessageExt;

/**
 * Delivers without order. Each message that did not take effect is given back to the broker by itself, so that the rest
 * of its batch is acknowledged. Only if that fails is the batch kept in the client, and then what is done stays done.
 */
final class ParallelListener implements MessageListenerConcurrently {

    private final Map<String, TopicHandler> handlers;
    private final MessageTranslation translation;
    private final HandBack handBack;
    private final Progress progress = new Progress();

    ParallelListener(Map<String, TopicHandler> handlers, MessageTranslation translation, HandBack handBack) {
        this.handlers = handlers;
        this.translation = translation;
        this.handBack = handBack;
    }

    @Override
    public ConsumeConcurrentlyStatus consumeMessage(List<MessageExt> batch, ConsumeConcurrentlyContext context) {
        List<MessageExt> open = new ArrayList<>(batch);
        open.removeIf(progress::isDone);
        if (open.isEmpty()) {
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        }
        TopicHandler handler = handlers.get(open.get(0).getTopic());
        if (handler == null) {
            return ConsumeConcurrentlyStatus.RECONSUME_LATER; // closed a moment ago, another member takes it
        }
        List<DeliveryOutcome> outcomes = handler.handle(open.stream()
                .map(delivery -> new ReceivedMessage(translation.fromWire(delivery), attemptOf(delivery)))
                .toList());
        boolean allSettled = true;
        for (int i = 0; i < open.size(); i++) {
            if (settle(open.get(i), outcomes.get(i), handler.subscription())) {
                progress.done(open.get(i));
            } else {
                allSettled = false;
            }
        }
        return allSettled ? ConsumeConcurrentlyStatus.CONSUME_SUCCESS : ConsumeConcurrentlyStatus.RECONSUME_LATER;
    }

    private boolean settle(MessageExt delivery, DeliveryOutcome outcome, Subscription subscription) {
        int attempt = attemptOf(delivery);
        if (outcome instanceof DeliveryOutcome.DeadLetter dead) {
            return handBack.toDeadLetters(delivery, subscription, attempt, dead.reason());
        }
        if (outcome instanceof DeliveryOutcome.Retry retry) {
            return attempt >= subscription.maxAttempts()
                    ? handBack.toDeadLetters(delivery, subscription, attempt, lastAttempt(retry))
                    : handBack.toComeAgain(delivery, subscription, attempt, retry.reason());
        }
        return true;
    }

    static String lastAttempt(DeliveryOutcome.Retry retry) {
        return "its attempts are used up; the last one: " + retry.reason();
    }

    private static int attemptOf(MessageExt delivery) {
        return delivery.getReconsumeTimes() + 1;
    }
}
