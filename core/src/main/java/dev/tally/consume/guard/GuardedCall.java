package dev.tally.consume.guard;

import dev.tally.consume.ConsumeListener;
import dev.tally.message.MessageId;
import dev.tally.message.MessageIds;
import dev.tally.reply.StoredReply;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * One call of a guarded method.
 *
 * <ol>
 *   <li>A transaction begins, or that of the caller is joined: a listener container may have one.
 *   <li>The message's id goes into the inbox. If it is there, the method is not called; what it returned is read.
 *   <li>Else the method is called in that transaction, and what it returns is kept.
 *   <li>The commit makes all of it stand. Whatever exception the method leaves with takes all of it back.
 * </ol>
 *
 * <p>For one thread and one use.
 */
final class GuardedCall {

    /** The method. */
    @FunctionalInterface
    interface Proceed {

        @Nullable Object call() throws Throwable;
    }

    private static final Logger log = LoggerFactory.getLogger(GuardedCall.class);
    private static final int INSERT_ATTEMPTS = 3;

    private final GuardedMethod guarded;
    private final GuardParts parts;
    private final MessageId id;
    private final String topic;
    private final Instant begin;
    private boolean joined;
    private boolean called;
    private boolean duplicate;

    GuardedCall(GuardedMethod guarded, GuardParts parts, MessageIdentity identity) {
        this.guarded = guarded;
        this.parts = parts;
        this.id = MessageIds.of(identity.id());
        this.topic = Objects.requireNonNullElse(identity.topic(), guarded.toString());
        this.begin = parts.clock().instant();
    }

    @Nullable Object run(Proceed method) throws Throwable {
        for (int attempt = 1; ; attempt++) {
            try {
                return runOnce(method);
            } catch (ConcurrencyFailureException e) {
                // Calls that waited for one that rolled back can be each other's deadlock. As long as the method has
                // not
                // been called nothing keeps this one from trying again; but what others began it cannot begin anew.
                if (called || joined || attempt == INSERT_ATTEMPTS) {
                    reportFailed(e);
                    throw e;
                }
                log.debug("gave way to another call messageId={} group={}", id, guarded.group(), e);
            } catch (Throwable e) {
                reportFailed(e);
                throw e;
            }
        }
    }

    private @Nullable Object runOnce(Proceed method) throws Throwable {
        PlatformTransactionManager transactions = parts.transactions();
        TransactionStatus status = transactions.getTransaction(guarded.definition());
        joined = !status.isNewTransaction();
        Object result;
        try {
            result = callUnlessHandled(method);
        } catch (Throwable e) {
            rollBack(transactions, status, e);
            throw e;
        }
        if (joined) {
            TransactionSynchronizationManager.registerSynchronization(new ReportAfterCommit());
        }
        transactions.commit(status);
        if (!joined) {
            reportSettled();
        }
        return result;
    }

    private @Nullable Object callUnlessHandled(Proceed method) throws Throwable {
        duplicate = parts.inbox().insertNew(guarded.group(), List.of(id)).isEmpty();
        ReplyCodec codec = guarded.replies();
        if (duplicate) {
            return codec == null ? null : codec.read(kept(), "message " + id + " of group " + guarded.group());
        }
        called = true;
        Object result = method.call();
        if (codec != null) {
            parts.replies().put(guarded.group(), id, codec.write(result));
        }
        return result;
    }

    private StoredReply kept() {
        StoredReply reply = parts.replies().find(guarded.group(), id);
        if (reply == null && joined) {
            // The caller's transaction may see the database as it was before the message was handled.
            TransactionTemplate now = new TransactionTemplate(parts.transactions());
            now.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
            Optional<StoredReply> seen =
                    now.execute(status -> Optional.ofNullable(parts.replies().find(guarded.group(), id)));
            reply = seen == null ? null : seen.orElse(null);
        }
        if (reply == null) {
            throw new ReplyUnavailableException("Cannot return what " + guarded + " returned for message " + id
                    + " of group " + guarded.group() + ", which was handled before: no reply is kept, because it was"
                    + " removed by age or the method returned nothing then. Nothing was changed");
        }
        return reply;
    }

    private static void rollBack(PlatformTransactionManager transactions, TransactionStatus status, Throwable failure) {
        try {
            if (!status.isCompleted()) {
                transactions.rollback(status);
            }
        } catch (TransactionException e) {
            failure.addSuppressed(e);
        }
    }

    /** Of a transaction that others end. */
    private final class ReportAfterCommit implements TransactionSynchronization {

        @Override
        public void afterCommit() {
            reportSettled();
        }
    }

    private void reportSettled() {
        if (duplicate) {
            log.debug("duplicate, not called again messageId={} method={} group={}", id, guarded, guarded.group());
            observe(listener -> listener.duplicate(topic, guarded.group()));
        } else {
            log.debug("message handled messageId={} method={} group={}", id, guarded, guarded.group());
            observe(listener -> listener.handled(topic, guarded.group(), took()));
        }
    }

    /** Who called the method gets the exception, and logs it as it wants. */
    private void reportFailed(Throwable failure) {
        Throwable root = NestedExceptionUtils.getMostSpecificCause(failure);
        String reason = root.getClass().getSimpleName() + (root.getMessage() == null ? "" : ": " + root.getMessage());
        log.debug("message not handled messageId={} method={} group={}", id, guarded, guarded.group(), failure);
        observe(listener -> listener.failed(topic, guarded.group(), took(), reason));
    }

    private Duration took() {
        return Duration.between(begin, parts.clock().instant());
    }

    private void observe(Consumer<ConsumeListener> event) {
        try {
            event.accept(parts.listener());
        } catch (RuntimeException e) {
            log.warn("a consume listener failed", e);
        }
    }
}
