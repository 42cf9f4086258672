package dev.tally.consume;

import dev.tally.message.Message;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.Subscription;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the log and the listener what became of a group's deliveries, and the transport what to do. Thread-safe. */
final class HandlingReport {

    private static final Logger log = LoggerFactory.getLogger(IdempotentHandler.class);
    private static final DeliveryOutcome DELIVERED = new DeliveryOutcome.Delivered();

    private final Subscription subscription;
    private final String topic;
    private final String group;
    private final ConsumeListener listener;

    HandlingReport(Subscription subscription, ConsumeListener listener) {
        this.subscription = subscription;
        this.topic = subscription.topic();
        this.group = subscription.group();
        this.listener = listener;
    }

    DeliveryOutcome handled(Message message, Duration took) {
        log.debug("message handled messageId={} topic={} group={}", message.id(), topic, group);
        observe(l -> l.handled(topic, group, took));
        return DELIVERED;
    }

    DeliveryOutcome duplicate(Message message) {
        log.debug("duplicate acknowledged messageId={} topic={} group={}", message.id(), topic, group);
        observe(l -> l.duplicate(topic, group));
        return DELIVERED;
    }

    DeliveryOutcome failed(ReceivedMessage received, Duration took, Throwable failure) {
        String reason = Failures.reasonOf(failure);
        log.warn(
                "message not handled, it will come again messageId={} topic={} group={} attempt={} of={} reason={}",
                received.message().id(),
                topic,
                group,
                received.attempt(),
                subscription.maxAttempts(),
                reason,
                failure);
        observe(l -> l.failed(topic, group, took, reason));
        return new DeliveryOutcome.Retry(reason);
    }

    /** @param kept whether it is kept here, and the transport need not do that */
    DeliveryOutcome deadLettered(ReceivedMessage received, String reason, @Nullable Throwable failure, boolean kept) {
        log.error(
                "message dead-lettered messageId={} topic={} group={} attempt={} keptIn={} reason={}",
                received.message().id(),
                topic,
                group,
                received.attempt(),
                kept ? "tally_dead_letter" : "broker",
                reason,
                failure);
        observe(l -> l.deadLettered(topic, group, reason));
        return kept ? DELIVERED : new DeliveryOutcome.DeadLetter(reason);
    }

    /** No process can be told what another one could not handle: this one goes on without it. */
    DeliveryOutcome givenUp(ReceivedMessage received, String reason) {
        log.error(
                "broadcast message given up in this process messageId={} topic={} group={} attempt={} reason={}",
                received.message().id(),
                topic,
                group,
                received.attempt(),
                reason);
        observe(l -> l.deadLettered(topic, group, reason));
        return DELIVERED;
    }

    /** It could not be tried, or not be dead-lettered: whatever it was, it was not the message. */
    DeliveryOutcome postponed(Message message, Throwable failure) {
        String reason = Failures.reasonOf(failure);
        log.warn(
                "message cannot be handled now, it is tried again without counting messageId={} topic={} group={}"
                        + " reason={}",
                message.id(),
                topic,
                group,
                reason,
                failure);
        observe(l -> l.postponed(topic, group, reason));
        return new DeliveryOutcome.Later(reason);
    }

    /** A dead letter was replayed, and took effect or had it. */
    void replayed(Message message, boolean hadEffect) {
        log.info(
                "dead letter replayed messageId={} topic={} group={} effect={}",
                message.id(),
                topic,
                group,
                hadEffect ? "now" : "earlier");
        observe(l -> l.replayed(topic, group));
    }

    void failedAgain(Message message, Throwable failure) {
        log.error(
                "dead letter failed again, it stays messageId={} topic={} group={}",
                message.id(),
                topic,
                group,
                failure);
        observe(l -> l.deadLettered(topic, group, Failures.reasonOf(failure)));
    }

    DeliveryOutcome skipped(Message message, Throwable failure) {
        String reason = Failures.reasonOf(failure);
        log.error(
                "message skipped, it has no effect and counts as handled messageId={} topic={} group={} reason={}",
                message.id(),
                topic,
                group,
                reason,
                failure);
        observe(l -> l.skipped(topic, group, reason));
        return DELIVERED;
    }

    DeliveryOutcome stopped(Message message, Throwable failure) {
        String reason = Failures.reasonOf(failure);
        log.error(
                "consumer stops, it is to be resumed by hand; this message is tried first then messageId={} topic={}"
                        + " group={} reason={}",
                message.id(),
                topic,
                group,
                reason,
                failure);
        observe(l -> l.stopped(topic, group, reason));
        return new DeliveryOutcome.Stop("message " + message.id() + ": " + reason);
    }

    /** A batch was rolled back because of one of its messages; each is handled by itself now. */
    void takenApart(int messages, Throwable failure) {
        String reason = Failures.reasonOf(failure);
        log.debug(
                "batch rolled back, its messages are handled one by one messages={} topic={} group={} reason={}",
                messages,
                topic,
                group,
                reason);
        observe(l -> l.takenApart(topic, group, messages, reason));
    }

    private void observe(Consumer<ConsumeListener> event) {
        try {
            event.accept(listener);
        } catch (RuntimeException e) {
            log.warn("a consume listener failed", e);
        }
    }
}
