package dev.tally.half;

import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.observation.HalfPrepareContext.Outcome;
import dev.tally.observation.MessageObservations;
import dev.tally.observation.MessageObservations.Preparing;
import dev.tally.publish.PublishingPath;
import dev.tally.publish.Settlement;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way out by half messages. For the messages of one transaction:
 *
 * <ol>
 *   <li>the half messages are sent to the broker;
 *   <li>while it stores them, the ledger row is written, in the transaction;
 *   <li>the broker confirms that it has them; the commit waits for that;
 *   <li>the transaction commits or rolls back, its ledger row with it;
 *   <li>the broker is told. If that is lost, it asks, and the ledger answers.
 * </ol>
 *
 * <p>A check-back that comes before step 2, which takes a broker that asks at once or a database that stands still, finds
 * no row and fences the transaction: step 2 then fails, as it does for every transaction that is too slow. Where step 2
 * fails, the half messages are rolled back with the transaction.
 *
 * <p>Where the broker fails in step 3, the ledger row becomes a tombstone and the messages go the fallback's way, both in
 * the same transaction: whatever half messages the broker did get are rolled back, at once where it listens, and by
 * check-back otherwise. A circuit breaker counts such failures and, when there are too many, leaves the broker alone for
 * a while, so that transactions do not each wait for a dead one.
 *
 * <p>Thread-safe.
 *
 * @since 0.1
 */
public final class HalfMessagePath implements PublishingPath {

    private static final Logger log = LoggerFactory.getLogger(HalfMessagePath.class);

    private final HalfMessages halfMessages;
    private final TransactionLedger ledger;
    private final @Nullable PublishingPath fallback;
    private final Supplier<String> transactionIds;
    private final Duration prepareTimeout;
    private final SafeListener listener;
    private final SettledTransactions settled;
    private final CircuitBreaker breaker;
    private final InstantSource clock;
    private final MessageObservations observations;
    private final Map<String, HalfSettlement> undecided = new ConcurrentHashMap<>();

    /** Creates a path that is not observed; otherwise as the other constructor. */
    public HalfMessagePath(
            HalfMessages halfMessages,
            TransactionLedger ledger,
            @Nullable PublishingPath fallback,
            Supplier<String> transactionIds,
            Duration prepareTimeout,
            HalfMessageListener listener,
            SettledTransactions settled,
            CircuitBreaker breaker,
            InstantSource clock) {
        this(
                halfMessages,
                ledger,
                fallback,
                transactionIds,
                prepareTimeout,
                listener,
                settled,
                breaker,
                clock,
                MessageObservations.none());
    }

    /**
     * Creates the path.
     *
     * @param fallback takes the messages that the broker does not; {@code null} to fail such transactions
     * @param transactionIds gives ids of at most 64 characters, unique for ever; the ledger is cheapest where they grow with
     *     time
     * @param prepareTimeout how long a commit waits for the broker at most
     * @param settled told of transactions whose half messages the broker has confirmed to be decided
     * @param breaker opens when the broker does not take half messages, see {@link HalfMessageBreaker}; belongs to this
     *     path alone
     * @param clock times the broker's answers
     * @param observations observe what a commit waits for the broker
     */
    public HalfMessagePath(
            HalfMessages halfMessages,
            TransactionLedger ledger,
            @Nullable PublishingPath fallback,
            Supplier<String> transactionIds,
            Duration prepareTimeout,
            HalfMessageListener listener,
            SettledTransactions settled,
            CircuitBreaker breaker,
            InstantSource clock,
            MessageObservations observations) {
        this.halfMessages = halfMessages;
        this.ledger = ledger;
        this.fallback = fallback;
        this.transactionIds = transactionIds;
        this.prepareTimeout = prepareTimeout;
        this.listener = new SafeListener(listener);
        this.settled = settled;
        this.breaker = breaker;
        this.clock = clock;
        this.observations = observations;
    }

    /** The circuit breaker, for its state and its events; not to be used for other calls. */
    public CircuitBreaker breaker() {
        return breaker;
    }

    /** What this process knows of its half messages now. */
    public HalfMessageStats stats() {
        Instant now = clock.instant();
        Instant oldest = undecided.values().stream()
                .map(HalfSettlement::prepared)
                .min(Comparator.naturalOrder())
                .orElse(null);
        return new HalfMessageStats(
                undecided.size(), oldest == null ? null : Duration.between(oldest, now), breaker.getState());
    }

    /**
     * The half messages of this process that the broker has and that are undecided as far as this process knows: their
     * transaction has not ended, or the broker has not answered its end yet. The oldest first.
     */
    public List<OpenHalf> undecided() {
        return undecided.values().stream()
                .sorted(Comparator.comparing(HalfSettlement::prepared))
                .flatMap(settlement -> settlement.open().stream())
                .toList();
    }

    @Override
    public Optional<String> refusal(Message message) {
        return halfMessages.refusal(message);
    }

    @Override
    public Settlement prepare(List<Message> messages) {
        if (!breaker.tryAcquirePermission()) {
            return otherWay(messages, "the broker has not taken half messages for a while", null);
        }
        String transactionId = transactionIds.get();
        Instant begun = clock.instant();
        Preparing waiting = observations.preparing(transactionId, messages.size());
        CompletableFuture<List<PreparedHalf>> pending = send(transactionId, messages);
        // Taken when it comes: what the database needs in the meantime says nothing of the broker.
        CompletableFuture<Answer> answer = pending.thenApply(halves -> new Answer(halves, millisSince(begun)));
        try {
            ledger.recordCommitted(transactionId);
        } catch (RuntimeException | Error e) {
            waiting.ended(Outcome.FAILED, e);
            breaker.releasePermission();
            rollBackWhatWasStored(transactionId, pending);
            throw e;
        }
        return settlement(transactionId, messages, begun, waiting, pending, answer);
    }

    /** What the broker has stored, and how long after it was sent it said so. */
    private record Answer(List<PreparedHalf> halves, long afterMillis) {}

    private Settlement settlement(
            String transactionId,
            List<Message> messages,
            Instant begun,
            Preparing waiting,
            CompletableFuture<List<PreparedHalf>> pending,
            CompletableFuture<Answer> awaited) {
        try {
            Duration left = prepareTimeout.minusMillis(millisSince(begun));
            Answer answer = awaited.get(left.toNanos(), TimeUnit.NANOSECONDS);
            breaker.onSuccess(answer.afterMillis(), TimeUnit.MILLISECONDS);
            waiting.ended(Outcome.PREPARED, null);
            listener.tell(l -> l.prepared(answer.halves().size()));
            return new HalfSettlement(transactionId, messages, answer.halves(), clock.instant());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            waiting.ended(Outcome.FAILED, e);
            breaker.releasePermission();
            rollBackWhatWasStored(transactionId, pending);
            throw new HalfMessagesUnavailableException(
                    "Cannot publish " + messages.size() + " messages of local transaction " + transactionId
                            + ": the thread was interrupted while the broker stored them; the transaction rolls back",
                    e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            waiting.ended(notTaken(), cause);
            breaker.onError(millisSince(begun), TimeUnit.MILLISECONDS, cause);
            return giveUp(transactionId, messages, pending, "the broker refused them: " + cause.getMessage(), cause);
        } catch (TimeoutException e) {
            waiting.ended(notTaken(), e);
            breaker.onError(millisSince(begun), TimeUnit.MILLISECONDS, e);
            return giveUp(transactionId, messages, pending, "the broker did not answer in " + prepareTimeout, e);
        }
    }

    private Outcome notTaken() {
        return fallback == null ? Outcome.FAILED : Outcome.FELL_BACK;
    }

    private long millisSince(Instant begun) {
        return Math.max(0, Duration.between(begun, clock.instant()).toMillis());
    }

    private CompletableFuture<List<PreparedHalf>> send(String transactionId, List<Message> messages) {
        try {
            return halfMessages.prepare(transactionId, messages);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private Settlement giveUp(
            String transactionId,
            List<Message> messages,
            CompletableFuture<List<PreparedHalf>> pending,
            String reason,
            Throwable cause) {
        rollBackWhatWasStored(transactionId, pending);
        if (fallback != null) {
            ledger.recordRolledBack(transactionId);
        }
        return otherWay(messages, reason, cause);
    }

    /**
     * The transaction commits with a tombstone or not at all, so rolling back is right however it ends, and whenever the
     * broker's answer comes.
     */
    private void rollBackWhatWasStored(String transactionId, CompletableFuture<List<PreparedHalf>> pending) {
        // Never awaited: it is best effort, and its failure is dealt with in here.
        CompletableFuture<Boolean> unused = pending.thenCompose(halfMessages::rollback)
                .exceptionally(failure -> {
                    log.debug(
                            "half messages are left to the check-back transactionId={} reason={}",
                            transactionId,
                            failure.toString());
                    return false;
                });
    }

    private Settlement otherWay(List<Message> messages, String reason, @Nullable Throwable cause) {
        if (fallback == null) {
            String text = "Cannot publish " + messages.size() + " messages as half messages (first "
                    + messages.get(0).id() + "): " + reason + ". There is no fallback; the transaction rolls back";
            throw cause == null
                    ? new HalfMessagesUnavailableException(text)
                    : new HalfMessagesUnavailableException(text, cause);
        }
        if (cause == null) {
            // The failures that opened the guard were told; one line for each transaction meanwhile would bury them.
            log.debug("half messages go the fallback's way count={} reason={}", messages.size(), reason);
        } else {
            log.warn("half messages go the fallback's way count={} reason={}", messages.size(), reason);
        }
        Settlement settlement = fallback.prepare(messages);
        listener.tell(l -> l.fellBack(messages.size(), reason));
        return settlement;
    }

    private final class HalfSettlement implements Settlement {

        private final String transactionId;
        private final List<Message> messages;
        private final List<PreparedHalf> halves;
        private final Instant prepared;

        HalfSettlement(String transactionId, List<Message> messages, List<PreparedHalf> halves, Instant prepared) {
            this.transactionId = transactionId;
            this.messages = messages;
            this.halves = halves;
            this.prepared = prepared;
            undecided.put(transactionId, this);
        }

        Instant prepared() {
            return prepared;
        }

        List<OpenHalf> open() {
            Map<MessageId, PreparedHalf> byMessage = new HashMap<>();
            halves.forEach(half -> byMessage.put(half.messageId(), half));
            List<OpenHalf> open = new ArrayList<>();
            for (Message message : messages) {
                PreparedHalf half = byMessage.get(message.id());
                if (half != null) {
                    open.add(new OpenHalf(
                            message.id(),
                            transactionId,
                            message.destination().topic(),
                            message.key(),
                            false,
                            prepared,
                            0,
                            half));
                }
            }
            return open;
        }

        @Override
        public void committed() {
            listener.tell(l -> l.committed(halves.size()));
            told(halfMessages.commit(halves));
        }

        @Override
        public void rolledBack() {
            listener.tell(l -> l.rolledBack(halves.size()));
            // Its row has gone with the transaction.
            told(halfMessages.rollback(halves));
        }

        private void told(CompletableFuture<Boolean> answer) {
            CompletableFuture<Void> unused = answer.thenAccept(confirmed -> {
                undecided.remove(transactionId);
                Duration open = Duration.between(prepared, clock.instant());
                listener.tell(l -> l.decided(halves.size(), confirmed, open));
                if (confirmed) {
                    settled.add(transactionId);
                }
            });
        }

        @Override
        public void unknown() {
            undecided.remove(transactionId);
            Duration open = Duration.between(prepared, clock.instant());
            listener.tell(l -> l.decided(halves.size(), false, open));
            log.warn(
                    "nobody knows how a local transaction ended, the check-back will tell transactionId={} count={}",
                    transactionId,
                    halves.size());
        }
    }
}
