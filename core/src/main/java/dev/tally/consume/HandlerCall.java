package dev.tally.consume;

import dev.tally.consume.PayloadReader.Decoded;
import dev.tally.message.Message;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.Subscription;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.support.TransactionTemplate;

/** Calls a handler in transactions of its own; failures are answered, not thrown. Thread-safe. */
final class HandlerCall {

    private static final Logger log = LoggerFactory.getLogger(IdempotentHandler.class);

    private final Subscription subscription;
    private final PayloadHandler handler;
    private final TransactionTemplate ownTransaction;
    private final ConsumeFailureRules rules;

    HandlerCall(
            Subscription subscription,
            PayloadHandler handler,
            TransactionTemplate ownTransaction,
            ConsumeFailureRules rules) {
        this.subscription = subscription;
        this.handler = handler;
        this.ownTransaction = ownTransaction;
        this.rules = rules;
    }

    boolean takesAll() {
        return handler.takesAll();
    }

    /** Commits unless {@code work} answers a failure; answers what failed, {@code null} if it is committed. */
    @Nullable Throwable inTransaction(Supplier<@Nullable Throwable> work) {
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
            // of the commit is unknown: the inbox tells at the next attempt.
            return e;
        }
    }

    /** Answers what failed. */
    @Nullable Throwable call(List<Decoded> messages) {
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

    FailureAction actionFor(Decoded decoded, Throwable failure) {
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

    /**
     * Refuses what is new to an inbox that may have forgotten it.
     *
     * @param retention how long the inbox remembers, {@code null} for ever
     * @throws ForgottenMessageException if nobody can tell whether it has been handled
     */
    static void requireRemembered(ReceivedMessage received, @Nullable Duration retention, Instant now) {
        Instant storedAt = FirstStored.of(received);
        if (retention != null && storedAt != null && storedAt.isBefore(now.minus(retention))) {
            throw new ForgottenMessageException(received.message().id(), storedAt, retention);
        }
    }
}
