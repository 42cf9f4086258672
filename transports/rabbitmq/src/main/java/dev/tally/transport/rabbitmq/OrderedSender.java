package dev.tally.transport.rabbitmq;

import com.rabbitmq.client.AMQP;
import dev.tally.message.Message;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.client.KeyLanes;
import dev.tally.transport.client.SendTimeouts;
import dev.tally.transport.client.UnsendableMessageException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Sends messages, all at once as far as their keys allow. Thread-safe. */
final class OrderedSender {

    private final ConfirmedPublisher publisher;
    private final MessageTranslation translation;
    private final Unroutable unroutable;
    private final SendTimeouts timeouts;
    private final KeyLanes lanes = new KeyLanes();

    OrderedSender(ConfirmedPublisher publisher, MessageTranslation translation, RabbitMqSettings settings) {
        this.publisher = publisher;
        this.translation = translation;
        this.unroutable = settings.unroutable();
        this.timeouts = new SendTimeouts(settings.sendTimeout());
    }

    List<CompletableFuture<SendOutcome>> send(List<Message> messages) {
        List<CompletableFuture<SendOutcome>> outcomes = new ArrayList<>(messages.size());
        for (Message message : messages) {
            outcomes.add(send(message));
        }
        return outcomes;
    }

    private CompletableFuture<SendOutcome> send(Message message) {
        String what = UnsendableMessageException.attempt(message, MessageTranslation.PRODUCT);
        CompletableFuture<SendOutcome> outcome = timeouts.watch(new CompletableFuture<>(), what);

        AMQP.BasicProperties properties;
        try {
            properties = translation.toWire(message);
        } catch (UnsendableMessageException e) {
            outcome.complete(e.outcome());
            return outcome;
        }
        Publication publication = new Publication(target(message), properties, message.payload(), what, outcome);
        String key = message.key();
        if (key == null) {
            publisher.publish(publication);
        } else {
            lanes.depart(
                    new KeyLanes.Lane(message.destination().topic(), key),
                    new KeyLanes.Departure(() -> publisher.publish(publication), outcome));
        }
        return outcome;
    }

    private Publication.Target target(Message message) {
        String topic = message.destination().topic();
        return QueueNames.isQueue(topic)
                ? Publication.Target.queue(topic)
                : new Publication.Target(
                        topic, MessageTranslation.routingKey(message.key()), unroutable == Unroutable.FAIL);
    }
}
