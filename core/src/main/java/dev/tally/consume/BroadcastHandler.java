package dev.tally.consume;

import dev.tally.consume.PayloadReader.Decoded;
import dev.tally.consume.PayloadReader.Reading;
import dev.tally.consume.PayloadReader.Undecodable;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.observation.MessageObservations;
import dev.tally.observation.MessageObservations.Processing;
import dev.tally.observation.MessageProcessContext.Outcome;
import dev.tally.transport.BatchHandler;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.Subscription;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Handles messages of which every process gets each, to bring what it has in memory up to date, for instance. The handler
 * is called without a transaction and without an inbox, which all processes share; instead the last {@value
 * RecentIds#CAPACITY} messages that this process handled are remembered while it runs. One that fails is tried again here,
 * holding those of its key, and is given up with a word in the log when its attempts are used up: the other processes may
 * have handled it. Thread-safe.
 */
final class BroadcastHandler implements BatchHandler {

    private final Subscription subscription;
    private final PayloadReader reader;
    private final HandlerCall call;
    private final HandlingReport report;
    private final InstantSource clock;
    private final MessageObservations observations;
    private final RecentIds handled = new RecentIds();

    BroadcastHandler(Subscription subscription, Class<?> payloadClass, PayloadHandler handler, ConsumeParts parts) {
        this.subscription = subscription;
        this.reader = PayloadReader.of(payloadClass, handler, parts);
        this.call =
                new HandlerCall(subscription, handler, new TransactionTemplate(parts.transactions()), parts.rules());
        this.report = new HandlingReport(subscription, parts.listener());
        this.clock = parts.clock();
        this.observations = parts.observations();
    }

    @Override
    public List<DeliveryOutcome> handle(List<ReceivedMessage> batch) {
        List<DeliveryOutcome> outcomes = new ArrayList<>(batch.size());
        Map<String, Message> failed = new HashMap<>();
        DeliveryOutcome stop = null;
        for (ReceivedMessage received : batch) {
            String key = received.message().key();
            Message before = key == null ? null : failed.get(key);
            DeliveryOutcome outcome;
            if (stop != null) {
                outcome = stop;
            } else if (before != null) {
                outcome = new DeliveryOutcome.Retry("it waits for the one before it, " + before.id());
            } else {
                outcome = handle(reader.read(received));
            }
            if (key != null && outcome instanceof DeliveryOutcome.Retry) {
                failed.putIfAbsent(key, received.message());
            } else if (outcome instanceof DeliveryOutcome.Stop) {
                stop = outcome;
            }
            outcomes.add(outcome);
        }
        return outcomes;
    }

    private DeliveryOutcome handle(Reading reading) {
        return observations.process(
                reading.message(),
                subscription.topic(),
                subscription.group(),
                reading.received().attempt(),
                processing -> reading instanceof Undecodable undecodable
                        ? givenUp(undecodable.received(), undecodable.reason(), processing)
                        : handle((Decoded) reading, processing));
    }

    private DeliveryOutcome handle(Decoded decoded, Processing processing) {
        MessageId id = decoded.message().id();
        if (handled.contains(id)) {
            processing.ended(Outcome.DUPLICATE, null);
            return report.duplicate(decoded.message());
        }
        Instant begin = clock.instant();
        Throwable failure = call.call(List.of(decoded));
        Duration took = Duration.between(begin, clock.instant());
        if (failure != null) {
            return failed(decoded, took, failure, processing);
        }
        handled.add(id);
        processing.ended(Outcome.HANDLED, null);
        return report.handled(decoded.message(), took);
    }

    private DeliveryOutcome failed(Decoded decoded, Duration took, Throwable failure, Processing processing) {
        FailureAction action = call.actionFor(decoded, failure);
        if (action == FailureAction.SKIP) {
            processing.ended(Outcome.SKIPPED, failure);
            return report.skipped(decoded.message(), failure);
        }
        if (action == FailureAction.STOP) {
            processing.ended(Outcome.STOPPED, failure);
            return report.stopped(decoded.message(), failure);
        }
        if (action == FailureAction.DEAD_LETTER || decoded.received().attempt() >= subscription.maxAttempts()) {
            return givenUp(decoded.received(), Failures.reasonOf(failure), processing);
        }
        processing.ended(Outcome.FAILED, failure);
        return report.failed(decoded.received(), took, failure);
    }

    private DeliveryOutcome givenUp(ReceivedMessage received, String reason, Processing processing) {
        processing.ended(Outcome.DEAD_LETTERED, null);
        return report.givenUp(received, reason);
    }
}
