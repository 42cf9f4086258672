package dev.tally.transport.rocketmq;

import dev.tally.transport.Subscription;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.common.MixAll;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.remoting.exception.RemotingException;
import org.apache.rocketmq.remoting.protocol.NamespaceUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives a delivery that did not take effect back to its broker: to come again, or to the group's dead letters. */
final class HandBack {

    private static final Logger LOG = LoggerFactory.getLogger(HandBack.class);

    private static final int TO_DEAD_LETTERS = -1;

    /** Of RocketMQ's 18 delay levels: 1 s, 5 s, 10 s, 30 s, 1 min, 2 min ... 2 h. */
    private static final int LAST_DELAY_LEVEL = 18;

    private final TallyProducer producer;
    private final @Nullable String namespace;

    HandBack(TallyProducer producer, @Nullable String namespace) {
        this.producer = producer;
        this.namespace = namespace;
    }

    /** Returns whether the broker has taken it; if not, the delivery is still ours. */
    boolean toDeadLetters(MessageExt delivery, Subscription subscription, int attempt, String reason) {
        if (!handBack(delivery, subscription, TO_DEAD_LETTERS)) {
            return false;
        }
        LOG.error(
                "Message dead-lettered messageId={} topic={} group={} attempt={} deadLetterTopic={} reason={}",
                MessageTranslation.idOf(delivery),
                subscription.topic(),
                subscription.group(),
                attempt,
                MixAll.getDLQTopic(subscription.group()),
                reason);
        return true;
    }

    /** Returns whether the broker has taken it; if not, the delivery is still ours. */
    boolean toComeAgain(MessageExt delivery, Subscription subscription, int attempt, String reason) {
        int delayLevel = Math.min(attempt, LAST_DELAY_LEVEL);
        if (!handBack(delivery, subscription, delayLevel)) {
            return false;
        }
        LOG.warn(
                "Message will be delivered again messageId={} topic={} group={} attempt={} of={} delayLevel={} reason={}",
                MessageTranslation.idOf(delivery),
                subscription.topic(),
                subscription.group(),
                attempt,
                subscription.maxAttempts(),
                delayLevel,
                reason);
        return true;
    }

    private boolean handBack(MessageExt delivery, Subscription subscription, int delayLevel) {
        try {
            producer.handBack(
                    delivery,
                    NamespaceUtil.wrapNamespace(namespace, delivery.getTopic()),
                    NamespaceUtil.wrapNamespace(namespace, subscription.group()),
                    delayLevel,
                    subscription.maxAttempts() - 1);
            return true;
        } catch (RemotingException | MQBrokerException | MQClientException e) {
            LOG.warn(
                    "Cannot give message {} of topic={} group={} back to broker {}; it is kept and tried again",
                    MessageTranslation.idOf(delivery),
                    subscription.topic(),
                    subscription.group(),
                    delivery.getBrokerName(),
                    e);
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
