package dev.tally.consume;

import dev.tally.message.Message;
import dev.tally.message.PayloadCodec;
import dev.tally.message.PayloadUnreadableException;
import dev.tally.message.PayloadUpcasters;
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
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Handles messages with one effect each. For every message, in order:
 *
 * <ol>
 *   <li>its type and payload are read, made into present ones where they are of an earlier time; what cannot be read is dead-lettered at once;
 *   <li>a transaction begins, and its id goes into the inbox; if it is there already, the message is acknowledged;
 *   <li>the handler runs in that transaction;
 *   <li>the commit makes both stand, any exception neither; then the message is to be delivered again.
 * </ol>
 *
 * <p>In an ordered subscription the messages behind one that failed are not handled in this call, so they cannot
 * overtake it. Thread-safe.
 *
 * @since 0.1
 */
public final class IdempotentHandler implements BatchHandler {

    private static final Logger log = LoggerFactory.getLogger(IdempotentHandler.class);
    private static final DeliveryOutcome DELIVERED = new DeliveryOutcome.Delivered();
    private static final int INSERT_ATTEMPTS = 3;

    private final Subscription subscription;
    private final PayloadTypes types;
    private final PayloadHandler handler;
    private final InboxStore inbox;
    private final TransactionTemplate ownTransaction;
    private final PayloadCodec codec;
    private final ConsumeListener listener;
    private final InstantSource clock;
    private final MessageObservations observations;
    private final PayloadUpcasters upcasters;

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
        this.types = new PayloadTypes(payloadClass);
        this.handler = handler;
        this.inbox = inbox;
        this.ownTransaction = new TransactionTemplate(transactions);
        // A transport may deliver on a thread that is in a transaction; that one is none of the handler's business.
        ownTransaction.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        this.codec = codec;
        this.listener = listener;
        this.clock = clock;
        this.observations = observations;
        this.upcasters = upcasters;
    }

    @Override
    public List<DeliveryOutcome> handle(List<ReceivedMessage> batch) {
        List<DeliveryOutcome> outcomes = new ArrayList<>(batch.size());
        Message failed = null;
        for (ReceivedMessage received : batch) {
            if (failed != null && subscription.ordered()) {
                outcomes.add(new DeliveryOutcome.Retry("it waits for the one before it, " + failed.id()));
                continue;
            }
            DeliveryOutcome outcome = observations.process(
                    received.message(),
                    subscription.topic(),
                    subscription.group(),
                    received.attempt(),
                    processing -> handle(received, processing));
            outcomes.add(outcome);
            if (outcome instanceof DeliveryOutcome.Retry) {
                failed = received.message();
            }
        }
        return outcomes;
    }

    private DeliveryOutcome handle(ReceivedMessage received, Processing processing) {
        Message message = received.message();
        Object payload;
        try {
            PayloadUpcasters.Upcast upcast = upcasters.apply(message, types::contains);
            Class<?> type = types.classOf(upcast.type());
            if (type == null) {
                processing.ended(Outcome.DEAD_LETTERED, null);
                return deadLetter(message, unknown(message.type(), upcast.type()));
            }
            payload = codec.decode(upcast.payload(), type);
        } catch (PayloadUnreadableException e) {
            processing.ended(Outcome.DEAD_LETTERED, e);
            return deadLetter(message, reasonOf(e));
        }
        return handle(payload, received, processing);
    }

    private String unknown(String type, String upcast) {
        return "type '" + type + "' is unknown" + (upcast.equals(type) ? "" : ", as is '" + upcast + "', made of it")
                + ", this group takes " + types;
    }

    private DeliveryOutcome handle(Object payload, ReceivedMessage received, Processing processing) {
        Instant begin = clock.instant();
        Result result = handleInTransaction(payload, received);
        for (int attempt = 1; result.gaveWay && attempt < INSERT_ATTEMPTS; attempt++) {
            log.debug(
                    "gave way to another delivery messageId={}",
                    received.message().id(),
                    result.failure);
            result = handleInTransaction(payload, received);
        }
        processing.ended(result.outcome(), result.failure);
        return outcome(received, result, Duration.between(begin, clock.instant()));
    }

    private Result handleInTransaction(Object payload, ReceivedMessage received) {
        try {
            Result executed = ownTransaction.execute(status -> {
                Result inside = handleOnce(payload, received);
                if (inside.failure != null) {
                    status.setRollbackOnly();
                }
                return inside;
            });
            return executed == null ? Result.DONE : executed;
        } catch (TransactionException e) {
            // Also where the outcome of the commit is unknown: the inbox tells at the next delivery.
            return Result.failed(e);
        }
    }

    private Result handleOnce(Object payload, ReceivedMessage received) {
        Message message = received.message();
        try {
            if (inbox.insertNew(subscription.group(), List.of(message.id())).isEmpty()) {
                return Result.DUPLICATE;
            }
        } catch (ConcurrencyFailureException e) {
            // Deliveries that waited for one that rolled back can be each other's deadlock in InnoDB. The handler has
            // not been called yet, so nothing keeps this one from trying again at once.
            return Result.gaveWay(e);
        } catch (RuntimeException e) {
            return Result.failed(e);
        }
        try {
            handler.handle(payload, contextOf(received));
            return Result.DONE;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Result.failed(e);
        } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
            return Result.failed(e);
        }
    }

    private DeliveryOutcome outcome(ReceivedMessage received, Result result, Duration took) {
        Message message = received.message();
        String topic = subscription.topic();
        String group = subscription.group();
        if (result.failure != null) {
            String reason = reasonOf(result.failure);
            log.warn(
                    "message not handled, it will come again messageId={} topic={} group={} attempt={} of={} reason={}",
                    message.id(),
                    topic,
                    group,
                    received.attempt(),
                    subscription.maxAttempts(),
                    reason,
                    result.failure);
            observe(l -> l.failed(topic, group, took, reason));
            return new DeliveryOutcome.Retry(reason);
        }
        if (result.duplicate) {
            log.debug("duplicate acknowledged messageId={} topic={} group={}", message.id(), topic, group);
            observe(l -> l.duplicate(topic, group));
        } else {
            log.debug("message handled messageId={} topic={} group={}", message.id(), topic, group);
            observe(l -> l.handled(topic, group, took));
        }
        return DELIVERED;
    }

    private DeliveryOutcome deadLetter(Message message, String reason) {
        String topic = subscription.topic();
        String group = subscription.group();
        log.error(
                "message can never be handled, it is dead-lettered messageId={} topic={} group={} reason={}",
                message.id(),
                topic,
                group,
                reason);
        observe(l -> l.deadLettered(topic, group, reason));
        return new DeliveryOutcome.DeadLetter(reason);
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

    private static String reasonOf(Throwable failure) {
        Throwable root = NestedExceptionUtils.getMostSpecificCause(failure);
        String text = root.getMessage();
        return root.getClass().getSimpleName() + (text == null ? "" : ": " + text);
    }

    private void observe(Consumer<ConsumeListener> event) {
        try {
            event.accept(listener);
        } catch (RuntimeException e) {
            log.warn("a consume listener failed", e);
        }
    }

    private record Result(
            boolean duplicate, boolean gaveWay, @Nullable Throwable failure) {

        static final Result DONE = new Result(false, false, null);
        static final Result DUPLICATE = new Result(true, false, null);

        static Result failed(Throwable failure) {
            return new Result(false, false, failure);
        }

        static Result gaveWay(Throwable failure) {
            return new Result(false, true, failure);
        }

        Outcome outcome() {
            if (failure != null) {
                return Outcome.FAILED;
            }
            return duplicate ? Outcome.DUPLICATE : Outcome.HANDLED;
        }
    }
}
