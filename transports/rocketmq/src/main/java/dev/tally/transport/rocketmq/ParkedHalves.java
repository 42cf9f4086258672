package dev.tally.transport.rocketmq;

import dev.tally.half.PreparedHalf;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.apache.rocketmq.common.topic.TopicValidator;
import org.apache.rocketmq.remoting.exception.RemotingException;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.RequestCode;
import org.apache.rocketmq.remoting.protocol.ResponseCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has brokers of RocketMQ ask again about half messages that they had given up. Thread-safe. */
final class ParkedHalves {

    private static final Logger LOG = LoggerFactory.getLogger(ParkedHalves.class);

    private final TallyProducer producer;
    private final Executor threads;

    /** @param threads send the requests; may refuse */
    ParkedHalves(TallyProducer producer, Executor threads) {
        this.producer = producer;
        this.threads = threads;
    }

    static List<ParkedHalf> among(List<PreparedHalf> halves) {
        return halves.stream()
                .filter(ParkedHalf.class::isInstance)
                .map(ParkedHalf.class::cast)
                .toList();
    }

    /** Completes when the brokers have answered, or will not; what came of it is in the log. */
    CompletableFuture<Void> resume(List<ParkedHalf> parked) {
        try {
            return CompletableFuture.runAsync(() -> parked.forEach(this::resume), threads);
        } catch (RejectedExecutionException e) {
            LOG.warn("Cannot resume {} parked half messages: too many decisions are waiting; try again", parked.size());
            return CompletableFuture.completedFuture(null);
        }
    }

    private void resume(ParkedHalf half) {
        try {
            RemotingCommand answer = producer.ask(
                    half.address(),
                    RequestCode.RESUME_CHECK_HALF_MESSAGE,
                    Map.of(
                            "topic",
                            TopicValidator.RMQ_SYS_TRANS_CHECK_MAX_TIME_TOPIC,
                            "msgId",
                            half.offsetMessageId()));
            if (answer.getCode() == ResponseCode.SUCCESS) {
                LOG.info(
                        "Parked half message is asked about again messageId={} broker={}",
                        half.messageId(),
                        half.brokerName());
            } else {
                LOG.warn(
                        "Cannot resume parked half message {} at broker {}: refused with code {} {}; it stays parked",
                        half.messageId(),
                        half.brokerName(),
                        answer.getCode(),
                        answer.getRemark());
            }
        } catch (RemotingException | RuntimeException e) {
            LOG.warn("Cannot resume parked half message {} at broker {}", half.messageId(), half.brokerName(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
