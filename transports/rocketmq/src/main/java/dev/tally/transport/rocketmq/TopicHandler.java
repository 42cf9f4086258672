package dev.tally.transport.rocketmq;

import dev.tally.transport.BatchHandler;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.Subscription;
import java.util.Collections;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A subscription's handler, made safe: always one outcome for each message. */
record TopicHandler(Subscription subscription, BatchHandler handler) {

    private static final Logger LOG = LoggerFactory.getLogger(TopicHandler.class);

    List<DeliveryOutcome> handle(List<ReceivedMessage> batch) {
        try {
            List<DeliveryOutcome> outcomes = handler.handle(batch);
            if (outcomes.size() == batch.size()) {
                return outcomes;
            }
            LOG.error(
                    "Handler of topic={} group={} answered {} outcomes for {} messages; all are delivered again",
                    subscription.topic(),
                    subscription.group(),
                    outcomes.size(),
                    batch.size());
            return retryAll(batch, "the handler answered " + outcomes.size() + " outcomes for " + batch.size());
        } catch (RuntimeException e) {
            LOG.warn(
                    "Handler of topic={} group={} failed for a batch of {}; all are delivered again",
                    subscription.topic(),
                    subscription.group(),
                    batch.size(),
                    e);
            return retryAll(batch, String.valueOf(e));
        }
    }

    private static List<DeliveryOutcome> retryAll(List<ReceivedMessage> batch, String reason) {
        return Collections.nCopies(batch.size(), new DeliveryOutcome.Retry(reason));
    }
}
