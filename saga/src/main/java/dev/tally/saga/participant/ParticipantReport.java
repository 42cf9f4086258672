package dev.tally.saga.participant;

import dev.tally.consume.ConsumeListener;
import dev.tally.consume.Failures;
import dev.tally.message.Message;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.Subscription;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the log and the listener what became of commands, and the transport what to do. Thread-safe. */
final class ParticipantReport {

    private static final Logger log = LoggerFactory.getLogger(ParticipantHandler.class);
    private static final DeliveryOutcome DELIVERED = new DeliveryOutcome.Delivered();

    private final String topic;
    private final String group;
    private final ConsumeListener listener;

    ParticipantReport(Subscription subscription, ConsumeListener listener) {
        this.topic = subscription.topic();
        this.group = subscription.group();
        this.listener = listener;
    }

    DeliveryOutcome answered(Message message, Duration took, boolean anew) {
        log.debug("command answered messageId={} topic={} group={} anew={}", message.id(), topic, group, anew);
        observe(anew ? l -> l.handled(topic, group, took) : l -> l.duplicate(topic, group));
        return DELIVERED;
    }

    /** It was taken back and answered as failed: whether it is tried again is the orchestrator's decision. */
    DeliveryOutcome answeredFailed(Incoming.Known known, Duration took, String reason, @Nullable Throwable failure) {
        log.warn(
                "command failed, its saga is told so messageId={} step={} attempt={} undo={} method={} reason={}",
                known.message().id(),
                known.key(),
                known.command().attempt(),
                known.command().undo(),
                known.method(),
                reason,
                failure);
        observe(l -> l.failed(topic, group, took, reason));
        return DELIVERED;
    }

    DeliveryOutcome retried(ReceivedMessage received, Duration took, String reason) {
        log.warn(
                "command not handled, it will come again messageId={} topic={} group={} attempt={} reason={}",
                received.message().id(),
                topic,
                group,
                received.attempt(),
                reason);
        observe(l -> l.failed(topic, group, took, reason));
        return new DeliveryOutcome.Retry(reason);
    }

    /** Something that it needs is away: whatever it was, it was not the command. */
    DeliveryOutcome postponed(Message message, Throwable failure) {
        String reason = Failures.reasonOf(failure);
        log.warn(
                "command cannot be handled now, it is tried again without counting messageId={} topic={} group={}"
                        + " reason={}",
                message.id(),
                topic,
                group,
                reason,
                failure);
        observe(l -> l.postponed(topic, group, reason));
        return new DeliveryOutcome.Later(reason);
    }

    /** @param kept whether it is kept here, and the transport need not do that */
    DeliveryOutcome deadLettered(Incoming.Unusable unusable, boolean kept) {
        log.error(
                "command dead-lettered messageId={} topic={} group={} answered={} keptIn={} reason={}",
                unusable.message().id(),
                topic,
                group,
                unusable.command() != null,
                kept ? "tally_dead_letter" : "broker",
                unusable.reason(),
                unusable.failure());
        observe(l -> l.deadLettered(topic, group, unusable.reason()));
        return kept ? DELIVERED : new DeliveryOutcome.DeadLetter(unusable.reason());
    }

    /** A batch was rolled back because of one of its commands; each is handled by itself now. */
    void takenApart(int commands, String reason) {
        log.debug(
                "batch rolled back, its commands are handled one by one commands={} topic={} group={} reason={}",
                commands,
                topic,
                group,
                reason);
        observe(l -> l.takenApart(topic, group, commands, reason));
    }

    private void observe(Consumer<ConsumeListener> event) {
        try {
            event.accept(listener);
        } catch (RuntimeException e) {
            log.warn("a consume listener failed", e);
        }
    }
}
