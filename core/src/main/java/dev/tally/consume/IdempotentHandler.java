package dev.tally.consume;

import dev.tally.consume.PayloadReader.Decoded;
import dev.tally.consume.PayloadReader.Reading;
import dev.tally.consume.PayloadReader.Undecodable;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.message.PayloadCodec;
import dev.tally.message.PayloadUpcasters;
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
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionException;
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

    /** Creates the handling of one subscription that is not observed; otherwise as the other constructor. */
    public IdempotentHandler(
            Subscription subscription,
            Class<?> payloadClass,
            PayloadHandler handler,
            InboxStore inbox,
            PlatformTransactionManager transactions,
            PayloadCodec codec,
            ConsumeListener listener,
            InstantSource clock) {
        this(
                subscription,
                payloadClass,
                handler,
                inbox,
                transactions,
                codec,
                listener,
                clock,
                MessageObservations.none(),
                PayloadUpcasters.none());
    }

    /**
     * Creates the handling of one subscription.
     *
     * @param payloadClass what {@code handler} takes; of a sealed type, any permitted class
     * @param inbox on the data source of {@code transactions}
     * @param clock times the handler for {@code listener}
     * @param observations observe each delivery, in the trace that its message is of
     * @param upcasters make payloads of earlier times into those that {@code payloadClass} reads
     */
    public IdempotentHandler(
            Subscription subscription,
            Class<?> payloadClass,
            PayloadHandler handler,
            InboxStore inbox,
            PlatformTransactionManager transactions,
            PayloadCodec codec,
            ConsumeListener listener,
            InstantSource clock,
            MessageObservations observations,
            PayloadUpcasters upcasters) {
        this.subscription = subscription;
        this.reader = new PayloadReader(new PayloadTypes(payloadClass), codec, upcasters);
        this.handler = handler;
        this.inbox = inbox;
        this.ownTransaction = new TransactionTemplate(transactions);
        // A transport may deliver on a thread that is in a transaction; that one is none of the handler's business.
        ownTransaction.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        this.report = new HandlingReport(subscription, listener);
        this.limit = new BatchLimit(subscription.batch(), clock);
        this.clock = clock;
        this.observations = observations;
    }

    @Override
    public List<DeliveryOutcome> handle(List<ReceivedMessage> batch) {
        List<Reading> readings = batch.stream().map(reader::read).toList();
        List<DeliveryOutcome> outcomes = new ArrayList<>(batch.size());
        Map<String, Message> failed = new HashMap<>();
        while (outcomes.size() < batch.size()) {
            int from = outcomes.size();
            List<Reading> part = readings.subList(from, Math.min(from + limit.now(), batch.size()));
            List<DeliveryOutcome> together = failed.isEmpty() && part.size() > 1 ? handleTogether(part) : null;
            if (together != null) {
                outcomes.addAll(together);
                continue;
            }
            for (Reading reading : part) {
                String key = subscription.ordered() ? reading.message().key() : null;
                Message before = key == null ? null : failed.get(key);
                if (before != null) {
                    outcomes.add(new DeliveryOutcome.Retry("it waits for the one before it, " + before.id()));
                    continue;
                }
                DeliveryOutcome outcome = handleAlone(reading);
                outcomes.add(outcome);
                if (key != null && outcome instanceof DeliveryOutcome.Retry) {
                    failed.put(key, reading.message());
                }
            }
        }
        return outcomes;
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
            for (InBatch each : batch) {
                Throwable failure = open.remove(each.message.id()) ? each.handle() : null;
                if (failure != null) {
                    return failure;
                }
            }
            return null;
        } catch (RuntimeException e) {
            return e;
        }
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
            failure = call(decoded);
            begun.left();
            took = Duration.between(begin, clock.instant());
            return failure;
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
                processing.ended(Outcome.FAILED, failure);
                return report.failed(decoded.received(), took, failure);
            }
            if (alone.duplicate) {
                processing.ended(Outcome.DUPLICATE, null);
                return report.duplicate(decoded.message());
            }
            processing.ended(Outcome.HANDLED, null);
            return report.handled(decoded.message(), took);
        });
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
            return duplicate ? null : call(decoded);
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
        } catch (TransactionException e) {
            // Also where the outcome of the commit is unknown: the inbox tells at the next attempt.
            return e;
        }
    }

    private @Nullable Throwable call(Decoded decoded) {
        try {
            handler.handle(decoded.payload(), contextOf(decoded.received()));
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
