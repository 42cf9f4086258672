package dev.tally.consume;

import dev.tally.consume.PayloadReader.Decoded;
import dev.tally.consume.PayloadReader.Reading;
import dev.tally.consume.PayloadReader.Undecodable;
import dev.tally.consume.deadletter.DeadLetter;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.observation.MessageObservations;
import dev.tally.observation.MessageObservations.BatchProcessing;
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
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Handles messages with one effect each.
 *
 * <ol>
 *   <li>Their types and payloads are read, made into present ones where they are of an earlier time; what cannot be read
 *       is dead-lettered at once.
 *   <li>A transaction begins for up to {@link Subscription#batch()} of them, and their ids go into the inbox; those that
 *       are there already are acknowledged.
 *   <li>The handler runs for each of the others, in order, in that transaction.
 *   <li>The commit makes all of it stand. Any exception takes all of it back; then the same is done for each message in
 *       a transaction of its own, and only those that fail by themselves are to be delivered again.
 * </ol>
 *
 * <p>So a handler may run twice for a message before it takes effect once: what it does outside the transaction is not
 * covered, as with any redelivery. Batches that are rolled back become smaller for a while.
 *
 * <p>In an ordered subscription the messages of a key behind one that failed by itself are not handled in this call, so
 * they cannot overtake it; those of other keys, and those without a key, are. Thread-safe.
 *
 * @since 0.1
 */
public final class IdempotentHandler implements BatchHandler {

    private final Subscription subscription;
    private final PayloadReader reader;
    private final HandlerCall call;
    private final SingleHandling single;
    private final InboxStore inbox;
    private final @Nullable Duration inboxRetention;
    private final HandlingReport report;
    private final BatchLimit limit;
    private final InstantSource clock;
    private final MessageObservations observations;

    /**
     * Creates the handling of one subscription.
     *
     * @param payloadClass what {@code handler} takes; of a sealed type, any permitted class
     */
    public IdempotentHandler(
            Subscription subscription, Class<?> payloadClass, PayloadHandler handler, ConsumeParts parts) {
        this.subscription = subscription;
        this.reader = PayloadReader.of(payloadClass, handler, parts);
        TransactionTemplate ownTransaction = new TransactionTemplate(parts.transactions());
        // A transport may deliver on a thread that is in a transaction; that one is none of the handler's business.
        ownTransaction.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        this.call = new HandlerCall(subscription, handler, ownTransaction, parts.rules());
        this.report = new HandlingReport(subscription, parts.listener());
        DeadLettering deadLettering =
                new DeadLettering(subscription.group(), parts.deadLetters(), ownTransaction, report);
        this.single = new SingleHandling(subscription, call, report, deadLettering, parts);
        this.inbox = parts.inbox();
        this.inboxRetention = parts.inboxRetention();
        this.limit = new BatchLimit(subscription.batch(), parts.clock());
        this.clock = parts.clock();
        this.observations = parts.observations();
    }

    @Override
    public List<DeliveryOutcome> handle(List<ReceivedMessage> batch) {
        List<Reading> readings = batch.stream().map(reader::read).toList();
        List<DeliveryOutcome> outcomes = new ArrayList<>(batch.size());
        Map<String, Message> failed = new HashMap<>();
        DeliveryOutcome ofAllBehind = null;
        while (outcomes.size() < batch.size()) {
            int from = outcomes.size();
            List<Reading> part = readings.subList(from, Math.min(from + limit.now(), batch.size()));
            List<DeliveryOutcome> together =
                    ofAllBehind == null && failed.isEmpty() && part.size() > 1 ? handleTogether(part) : null;
            if (together != null) {
                outcomes.addAll(together);
                continue;
            }
            for (Reading reading : part) {
                DeliveryOutcome outcome = ofAllBehind != null ? ofAllBehind : handleInTurn(reading, failed);
                outcomes.add(outcome);
                if (outcome instanceof DeliveryOutcome.Stop || outcome instanceof DeliveryOutcome.Later) {
                    ofAllBehind = outcome;
                }
            }
        }
        return outcomes;
    }

    /** Handles a message alone, unless one before it failed that it has to wait for. */
    private DeliveryOutcome handleInTurn(Reading reading, Map<String, Message> failed) {
        String key = subscription.ordered() ? reading.message().key() : null;
        Message before = key == null ? null : failed.get(key);
        if (before != null) {
            return new DeliveryOutcome.Retry("it waits for the one before it, " + before.id());
        }
        DeliveryOutcome outcome = single.handle(reading);
        if (key != null && outcome instanceof DeliveryOutcome.Retry) {
            failed.put(key, reading.message());
        }
        return outcome;
    }

    /**
     * Handles a dead letter once more, if it is due and nobody else does; what becomes of it is in the store then.
     *
     * @return whether it was due
     */
    boolean replay(DeadLetter letter) {
        int attempt = letter.attempts() + 1;
        return single.replay(letter, reader.read(new ReceivedMessage(letter.message(), attempt, letter.storedAt())));
    }

    /** Handles messages in one transaction; {@code null} if it was rolled back, and nothing has happened. */
    private @Nullable List<DeliveryOutcome> handleTogether(List<Reading> part) {
        List<InBatch> inBatch = new ArrayList<>();
        for (Reading reading : part) {
            if (reading instanceof Decoded decoded) {
                inBatch.add(new InBatch(decoded));
            }
        }
        Throwable failure = null;
        if (!inBatch.isEmpty()) {
            failure = call.inTransaction(() -> handleOnce(inBatch));
        }
        if (failure != null) {
            inBatch.forEach(InBatch::takenBack);
            limit.rolledBack(Failures.isConflict(failure));
            report.takenApart(inBatch.size(), failure);
            return null;
        }
        limit.committed(part.size());
        Iterator<InBatch> committed = inBatch.iterator();
        return part.stream()
                .map(reading -> reading instanceof Undecodable undecodable
                        ? single.handle(undecodable)
                        : committed.next().committed())
                .toList();
    }

    /** Inserts into the inbox, and handles what is new there; answers what failed. */
    private @Nullable Throwable handleOnce(List<InBatch> batch) {
        try {
            Set<MessageId> open = new HashSet<>(inbox.insertNew(
                    subscription.group(),
                    batch.stream().map(each -> each.message.id()).toList()));
            List<InBatch> fresh = batch.stream()
                    .filter(each -> open.remove(each.message.id()))
                    .toList();
            Instant now = clock.instant();
            fresh.forEach(each -> HandlerCall.requireRemembered(each.decoded.received(), inboxRetention, now));
            return call.takesAll() ? handleAll(fresh) : handleEach(fresh);
        } catch (RuntimeException e) {
            return e;
        }
    }

    private @Nullable Throwable handleEach(List<InBatch> fresh) {
        for (InBatch each : fresh) {
            Throwable failure = each.handle();
            if (failure != null) {
                return failure;
            }
        }
        return null;
    }

    private @Nullable Throwable handleAll(List<InBatch> fresh) {
        if (fresh.isEmpty()) {
            return null;
        }
        Instant begin = clock.instant();
        fresh.forEach(InBatch::begin);
        Throwable failure = call.call(fresh.stream().map(each -> each.decoded).toList());
        Duration took = Duration.between(begin, clock.instant());
        fresh.forEach(each -> each.ended(took.dividedBy(fresh.size()), failure));
        return failure;
    }

    /** A message that shares its transaction with others. */
    private final class InBatch {

        private final Decoded decoded;
        private final Message message;
        private @Nullable BatchProcessing processing;
        private @Nullable Throwable failure;
        private Duration took = Duration.ZERO;

        InBatch(Decoded decoded) {
            this.decoded = decoded;
            this.message = decoded.message();
        }

        @Nullable Throwable handle() {
            Instant begin = clock.instant();
            BatchProcessing begun = observe();
            processing = begun;
            failure = call.call(List.of(decoded));
            begun.left();
            took = Duration.between(begin, clock.instant());
            return failure;
        }

        /** It is handled together with others: nothing of that is its own. */
        void begin() {
            BatchProcessing begun = observe();
            processing = begun;
            begun.left();
        }

        void ended(Duration itsPart, @Nullable Throwable ofAll) {
            took = itsPart;
            failure = ofAll;
        }

        private BatchProcessing observe() {
            return observations.processing(
                    message,
                    subscription.topic(),
                    subscription.group(),
                    decoded.received().attempt());
        }

        DeliveryOutcome committed() {
            if (processing == null) {
                BatchProcessing duplicate = observe();
                duplicate.left();
                duplicate.ended(Outcome.DUPLICATE, null);
                return report.duplicate(message);
            }
            processing.ended(Outcome.HANDLED, null);
            return report.handled(message, took);
        }

        void takenBack() {
            if (processing != null) {
                processing.ended(Outcome.TAKEN_BACK, failure);
            }
        }
    }
}
