package dev.tally.transport.rocketmq;

import dev.tally.message.Message;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.client.KeyLanes;
import dev.tally.transport.client.SendTimeouts;
import dev.tally.transport.client.UnsendableMessageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.remoting.exception.RemotingException;
import org.jspecify.annotations.Nullable;

/** Sends messages, all at once as far as their keys allow. Thread-safe. */
final class OrderedSender {

    private final TallyProducer producer;
    private final MessageTranslation translation;
    private final SendTimeouts timeouts;
    private final KeyLanes lanes = new KeyLanes();

    OrderedSender(TallyProducer producer, MessageTranslation translation, Duration timeout) {
        this.producer = producer;
        this.translation = translation;
        this.timeouts = new SendTimeouts(timeout);
    }

    List<CompletableFuture<SendOutcome>> send(List<Message> messages) {
        List<CompletableFuture<SendOutcome>> outcomes = new ArrayList<>(messages.size());
        for (Message message : messages) {
            outcomes.add(send(message));
        }
        return outcomes;
    }

    private CompletableFuture<SendOutcome> send(Message message) {
        String topic = message.destination().topic();
        String what = UnsendableMessageException.attempt(message, MessageTranslation.PRODUCT);
        CompletableFuture<SendOutcome> outcome = timeouts.watch(new CompletableFuture<>(), what);

        org.apache.rocketmq.common.message.Message wire;
        try {
            wire = translation.toWire(message, null);
        } catch (UnsendableMessageException e) {
            outcome.complete(e.outcome());
            return outcome;
        }
        String key = message.key();
        Runnable start = () -> start(wire, key, outcome, what);
        if (key == null) {
            start.run();
        } else {
            lanes.depart(new KeyLanes.Lane(topic, key), new KeyLanes.Departure(start, outcome));
        }
        return outcome;
    }

    private void start(
            org.apache.rocketmq.common.message.Message wire,
            @Nullable String key,
            CompletableFuture<SendOutcome> outcome,
            String what) {
        try {
            producer.sendAsync(wire, key, new SendCallback() {
                @Override
                public void onSuccess(SendResult result) {
                    outcome.complete(SendFailures.of(result, what));
                }

                @Override
                public void onException(Throwable thrown) {
                    outcome.complete(SendFailures.of(thrown, what));
                }
            });
        } catch (MQClientException | RemotingException e) {
            outcome.complete(SendFailures.of(e, what));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            outcome.complete(SendFailures.of(e, what));
        }
    }
}
