package dev.tally.transport.rocketmq;

import dev.tally.half.PreparedHalf;
import dev.tally.message.Message;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.TransportException;
import dev.tally.transport.client.UnsendableMessageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.MessageAccessor;
import org.apache.rocketmq.common.message.MessageConst;
import org.apache.rocketmq.remoting.exception.RemotingException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores half messages and ends them. Thread-safe.
 *
 * <ol>
 *   <li>All halves of a transaction go out at once, marked as prepared and with the transaction's id.
 *   <li>If the broker has confirmed all of them in time, the transaction may commit.
 *   <li>Otherwise those that are stored, or turn out later to be, are rolled back; what gets lost of that is asked for
 *       by check-back.
 *   <li>The ends are {@link HalfDecisions}' part, in the background, so that a lost connection never holds a business
 *       thread.
 * </ol>
 */
final class HalfMessageSender {

    private static final Logger LOG = LoggerFactory.getLogger(HalfMessageSender.class);

    private final TallyProducer producer;
    private final MessageTranslation translation;
    private final Duration timeout;
    private final HalfDecisions decisions;

    HalfMessageSender(
            TallyProducer producer, MessageTranslation translation, Duration timeout, HalfDecisions decisions) {
        this.producer = producer;
        this.translation = translation;
        this.timeout = timeout;
        this.decisions = decisions;
    }

    CompletableFuture<List<PreparedHalf>> prepare(String transactionId, List<Message> messages) {
        List<CompletableFuture<PreparedHalf>> stored = new ArrayList<>(messages.size());
        for (Message message : messages) {
            stored.add(store(transactionId, message));
        }
        CompletableFuture<List<PreparedHalf>> prepared = CompletableFuture.allOf(
                        stored.toArray(CompletableFuture<?>[]::new))
                .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .thenApply(all -> stored.stream().map(CompletableFuture::join).toList());
        return prepared.whenComplete((halves, failure) -> {
            if (failure != null) {
                LOG.debug("Half messages not prepared transactionId={} messages={}", transactionId, messages.size());
                stored.forEach(this::rollBackNowOrWhenStored);
            }
        });
    }

    /** Some are confirmed only after their transaction has given up on them. */
    private void rollBackNowOrWhenStored(CompletableFuture<PreparedHalf> stored) {
        CompletableFuture<Boolean> unused =
                stored.thenCompose(half -> end(List.of(half), LocalTransactionState.ROLLBACK_MESSAGE));
    }

    CompletableFuture<Boolean> end(List<PreparedHalf> halves, LocalTransactionState state) {
        return decisions.decide(halves.stream().map(HalfMessageSender::own).toList(), state);
    }

    private CompletableFuture<PreparedHalf> store(String transactionId, Message message) {
        String topic = message.destination().topic();
        String what = "Cannot prepare half message " + message.id() + " of transaction " + transactionId
                + " at RocketMQ topic '" + topic + "'";
        CompletableFuture<PreparedHalf> stored = new CompletableFuture<>();
        try {
            var wire = translation.toWire(message, transactionId);
            MessageAccessor.putProperty(wire, MessageConst.PROPERTY_TRANSACTION_PREPARED, "true");
            MessageAccessor.putProperty(wire, MessageConst.PROPERTY_PRODUCER_GROUP, producer.getProducerGroup());
            producer.sendAsyncHere(wire, message.key(), new SendCallback() {
                @Override
                public void onSuccess(SendResult result) {
                    if (SendFailures.of(result, what) instanceof SendOutcome.Failed failed) {
                        CompletableFuture<Boolean> unused = end(
                                List.of(new RocketMqHalf(message.id(), wire, result)),
                                LocalTransactionState.ROLLBACK_MESSAGE);
                        stored.completeExceptionally(new TransportException(failed.reason()));
                    } else {
                        stored.complete(new RocketMqHalf(message.id(), wire, result));
                    }
                }

                @Override
                public void onException(Throwable thrown) {
                    stored.completeExceptionally(failed(what, thrown));
                }
            });
        } catch (UnsendableMessageException e) {
            stored.completeExceptionally(e);
        } catch (MQClientException | RemotingException e) {
            stored.completeExceptionally(failed(what, e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stored.completeExceptionally(failed(what, e));
        }
        return stored;
    }

    private static TransportException failed(String what, Throwable thrown) {
        return new TransportException(SendFailures.of(thrown, what).reason(), thrown);
    }

    private static RocketMqHalf own(PreparedHalf half) {
        if (half instanceof RocketMqHalf own) {
            return own;
        }
        throw new IllegalArgumentException("Cannot end half message " + half.messageId() + " of type "
                + half.getClass().getName() + ": it was not prepared by this transport");
    }
}
