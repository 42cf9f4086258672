package dev.tally.consume;

import dev.tally.consume.PayloadReader.Decoded;
import dev.tally.consume.PayloadReader.Reading;
import dev.tally.consume.PayloadReader.Undecodable;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.observation.MessageObservations;
import dev.tally.observation.MessageObservations.BatchProcessing;
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
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.ConcurrencyFailureException;
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

    private static final Logger log = LoggerFactory.getLogger(IdempotentHandler.class);
    private static final int INSERT_ATTEMPTS = 3;

    private final Subscription subscription;
    private final PayloadReader reader;
    private final PayloadHandler handler;
    private final InboxStore inbox;
    private final TransactionTemplate ownTransaction;
    private final HandlingReport report;
    private final BatchLimit limit;
    private final InstantSource clock;
    private final MessageObservations observations;
    private final ConsumeFailureRules rules;

    /**
     * Creates the handling of one subscription.
     *
     * @param payloadClass what {@code handler} takes; of a sealed type, any permitted class
     */
    public IdempotentHandler(
            Subscription subscription, Class<?> payloadClass, PayloadHandler handler, ConsumeParts parts) {
        this.subscription = subscription;
        this.reader = new PayloadReader(new PayloadTypes(payloadClass), parts.codec(), parts.upcasters());
        this.handler = handler;
        this.inbox = parts.inbox();
        this.ownTransaction = new TransactionTemplate(parts.transactions());
        // A transport may deliver on a thread that is in a transaction; that one is none of the handler's business.
        ownTransaction.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        this.report = new HandlingReport(subscription, parts.listener());
        this.limit = new BatchLimit(subscription.batch(), parts.clock());
        this.clock = parts.clock();
        this.observations = parts.observations();
        this.rules = parts.rules();
    }

    @Override
    public List<DeliveryOutcome> handle(List<ReceivedMessage> batch) {
        List<Reading> readings = batch.stream().map(reader::read).toList();
        List<DeliveryOutcome> outcomes = new ArrayList<>(batch.size());
        Map<String, Message> failed = new HashMap<>();
        DeliveryOutcome.Stop stop = null;
        while (outcomes.size() < batch.size()) {
            int from = outcomes.size();
            List<Reading> part = readings.subList(from, Math.min(from + limit.now(), batch.size()));
            List<DeliveryOutcome> together =
                    stop == null && failed.isEmpty() && part.size() > 1 ? handleTogether(part) : null;
            if (together != null) {
                outcomes.addAll(together);
                continue;
            }
            for (Reading reading : part) {
                outcomes.add(stop != null ? stop : handleInTurn(reading, failed));
                if (outcomes.get(outcomes.size() - 1) instanceof DeliveryOutcome.Stop stopping) {
                    stop = stopping;
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
        DeliveryOutcome outcome = handleAlone(reading);
        if (key != null && outcome instanceof DeliveryOutcome.Retry) {
            failed.put(key, reading.message());
        }
        return outcome;
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
            failure = inTransaction(() -> handleOnce(inBatch));
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
                        ? deadLetter(undecodable)
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
            return handler.takesAll() ? handleAll(fresh) : handleEach(fresh);
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
        Throwable failure = call(fresh.stream().map(each -> each.decoded).toList());
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
            failure = call(List.of(decoded));
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

    private DeliveryOutcome handleAlone(Reading reading) {
        return reading instanceof Undecodable undecodable ? deadLetter(undecodable) : handleAlone((Decoded) reading);
    }

    private DeliveryOutcome deadLetter(Undecodable reading) {
        return observed(reading, processing -> {
            processing.ended(Outcome.DEAD_LETTERED, reading.failure());
            return report.deadLettered(reading.message(), reading.reason());
        });
    }

    private DeliveryOutcome handleAlone(Decoded decoded) {
        return observed(decoded, processing -> {
            Instant begin = clock.instant();
            Alone alone = new Alone(decoded);
            Throwable failure = inTransaction(alone::handleOnce);
            for (int attempt = 1; alone.gaveWay && attempt < INSERT_ATTEMPTS; attempt++) {
                log.debug(
                        "gave way to another delivery messageId={}",
                        decoded.message().id(),
                        failure);
                alone = new Alone(decoded);
                failure = inTransaction(alone::handleOnce);
            }
            Duration took = Duration.between(begin, clock.instant());
            if (failure != null) {
                return failed(decoded, took, failure, processing);
            }
            if (alone.duplicate) {
                processing.ended(Outcome.DUPLICATE, null);
                return report.duplicate(decoded.message());
            }
            processing.ended(Outcome.HANDLED, null);
            return report.handled(decoded.message(), took);
        });
    }

    private DeliveryOutcome failed(Decoded decoded, Duration took, Throwable failure, Processing processing) {
        switch (actionFor(decoded, failure)) {
            case DEAD_LETTER -> {
                processing.ended(Outcome.DEAD_LETTERED, failure);
                return report.deadLettered(decoded.message(), Failures.reasonOf(failure));
            }
            case SKIP -> {
                Throwable notRecorded = inTransaction(new Alone(decoded)::skipOnce);
                if (notRecorded == null) {
                    processing.ended(Outcome.SKIPPED, failure);
                    return report.skipped(decoded.message(), failure);
                }
                failure.addSuppressed(notRecorded);
            }
            case STOP -> {
                processing.ended(Outcome.STOPPED, failure);
                return report.stopped(decoded.message(), failure);
            }
            case RETRY -> {}
        }
        processing.ended(Outcome.FAILED, failure);
        return report.failed(decoded.received(), took, failure);
    }

    private FailureAction actionFor(Decoded decoded, Throwable failure) {
        try {
            return rules.actionFor(contextOf(decoded.received()), failure);
        } catch (RuntimeException e) {
            log.warn(
                    "failure rules failed messageId={}; it is tried again",
                    decoded.message().id(),
                    e);
            return FailureAction.RETRY;
        }
    }

    /** A message in a transaction of its own. */
    private final class Alone {

        private final Decoded decoded;
        private boolean gaveWay;
        private boolean duplicate;

        Alone(Decoded decoded) {
            this.decoded = decoded;
        }

        @Nullable Throwable handleOnce() {
            try {
                MessageId id = decoded.message().id();
                duplicate = inbox.insertNew(subscription.group(), List.of(id)).isEmpty();
            } catch (RuntimeException e) {
                // Deliveries that waited for one that rolled back can be each other's deadlock in InnoDB. The handler
                // has not been called yet, so nothing keeps this one from trying again at once.
                gaveWay = e instanceof ConcurrencyFailureException;
                return e;
            }
            return duplicate ? null : call(List.of(decoded));
        }

        /** Only remembers it, so that it counts as handled if it comes again. */
        @Nullable Throwable skipOnce() {
            try {
                inbox.insertNew(subscription.group(), List.of(decoded.message().id()));
                return null;
            } catch (RuntimeException e) {
                return e;
            }
        }
    }

    private DeliveryOutcome observed(Reading reading, Function<Processing, DeliveryOutcome> work) {
        return observations.process(
                reading.message(),
                subscription.topic(),
                subscription.group(),
                reading.received().attempt(),
                work);
    }

    /** Commits unless {@code work} answers a failure; answers what failed, {@code null} if it is committed. */
    private @Nullable Throwable inTransaction(Supplier<@Nullable Throwable> work) {
        try {
            return ownTransaction.execute(status -> {
                Throwable failure = work.get();
                if (failure != null) {
                    status.setRollbackOnly();
                }
                return failure;
            });
        } catch (RuntimeException e) {
            // Of the transaction, or of what has its say before the commit, such as the outbox. Also where the outcome
            // of
            // the commit is unknown: the inbox tells at the next attempt.
            return e;
        }
    }

    private @Nullable Throwable call(List<Decoded> messages) {
        try {
            if (handler.takesAll()) {
                handler.handleAll(
                        messages.stream().map(Decoded::payload).toList(),
                        messages.stream()
                                .map(each -> contextOf(each.received()))
                                .toList());
            } else {
                for (Decoded each : messages) {
                    handler.handle(each.payload(), contextOf(each.received()));
                }
            }
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return e;
        } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
            return e;
        }
    }

    private MessageContext contextOf(ReceivedMessage received) {
        Message message = received.message();
        return new MessageContext(
                message.id(),
                subscription.topic(),
                subscription.group(),
                message.key(),
                message.type(),
                message.headers(),
                received.attempt());
    }
}
