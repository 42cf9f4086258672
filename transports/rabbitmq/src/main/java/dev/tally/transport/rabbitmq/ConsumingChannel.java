package dev.tally.transport.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import dev.tally.consume.dispatch.DispatchedQueue;
import dev.tally.message.Destination;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.Subscription;
import dev.tally.transport.wire.TagExpression;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A queue's deliveries on one channel. Delivery tags are the channel's: when it has closed, nothing of it is acknowledged any
 * more, since all of it comes again, on another channel, to this member or another one.
 */
final class ConsumingChannel extends DefaultConsumer implements ConsumedDelivery.Ending, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ConsumingChannel.class);

    private final Link link;
    private final Channel channel;
    private final Subscription subscription;
    private final TagExpression tags;
    private final MessageTranslation translation;
    private final DispatchedQueue queue;
    private final DeadLetters deadLetters;
    private final Consumer<String> whenGone;
    private final AtomicBoolean gone = new AtomicBoolean();

    /**
     * Nothing is delivered before {@link #consume}.
     *
     * @param queue takes what is delivered
     * @param whenGone told once why nothing comes any more
     */
    ConsumingChannel(
            Link link,
            Channel channel,
            Subscription subscription,
            MessageTranslation translation,
            DispatchedQueue queue,
            DeadLetters deadLetters,
            Consumer<String> whenGone) {
        super(channel);
        this.link = link;
        this.channel = channel;
        this.subscription = subscription;
        this.tags = TagExpression.of(subscription.tags());
        this.translation = translation;
        this.queue = queue;
        this.deadLetters = deadLetters;
        this.whenGone = whenGone;
    }

    /**
     * Begins.
     *
     * @param window how many deliveries may be here and not acknowledged
     */
    void consume(String queueName, int window) throws IOException {
        channel.basicQos(window);
        channel.basicConsume(queueName, false, this);
    }

    @Override
    public void handleDelivery(String consumerTag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
        if (gone.get()) {
            return;
        }
        Delivery delivery = new Delivery(envelope, properties, body);
        Optional<ReceivedMessage> received;
        try {
            received = translation.fromWire(subscription.topic(), envelope, properties, body);
        } catch (RuntimeException e) {
            // Whatever it is, it must not end the channel, and it must not be lost.
            LOG.error("A message could not be read topic={} group={}", subscription.topic(), subscription.group(), e);
            deadLetter(delivery, "without a readable id", "it cannot be read: " + e);
            return;
        }
        if (received.isEmpty()) {
            deadLetter(
                    delivery,
                    "without an id",
                    "its sender gave it no id; to be set as the property message-id, or see foreignWithoutId");
            return;
        }
        Destination destination = received.get().message().destination();
        if (tags.matches(destination.tag())) {
            queue.offer(List.of(new ConsumedDelivery(delivery, received.get(), this)));
        } else {
            acknowledge(envelope.getDeliveryTag());
        }
    }

    @Override
    public void acknowledge(long tag) {
        if (gone.get()) {
            return;
        }
        try {
            channel.basicAck(tag, false);
        } catch (IOException | AlreadyClosedException e) {
            LOG.debug(
                    "Not acknowledged, it comes again topic={} group={}",
                    subscription.topic(),
                    subscription.group(),
                    e);
        }
    }

    @Override
    public void deadLetter(Delivery delivery, String name, String reason) {
        long tag = delivery.getEnvelope().getDeliveryTag();
        if (subscription.broadcast()) {
            LOG.error(
                    "Message given up by this member messageId={} topic={} group={} reason={}",
                    name,
                    subscription.topic(),
                    subscription.group(),
                    reason);
            acknowledge(tag);
        } else {
            deadLetters.take(delivery, name, reason, () -> !gone.get(), () -> acknowledge(tag));
        }
    }

    @Override
    public void handleShutdownSignal(String consumerTag, ShutdownSignalException signal) {
        ended(BrokerErrors.textOf(signal));
    }

    /** Its queue was deleted, or its node has gone. */
    @Override
    public void handleCancel(String consumerTag) {
        ended("the broker has cancelled the consumer, its queue was deleted or moved");
    }

    private void ended(String reason) {
        if (gone.compareAndSet(false, true)) {
            var unused = queue.revoke();
            whenGone.accept(reason);
        }
    }

    boolean isGone() {
        return gone.get();
    }

    /**
     * Gives back all that is not acknowledged, in its order. The consumer is not cancelled before: the queue's next consumer
     * would begin behind what is still here.
     */
    @Override
    public void close() {
        if (gone.compareAndSet(false, true)) {
            var unused = queue.revoke();
        }
        try {
            channel.abort();
        } catch (IOException e) {
            LOG.debug("A channel could not be closed", e);
        }
        link.close();
    }
}
