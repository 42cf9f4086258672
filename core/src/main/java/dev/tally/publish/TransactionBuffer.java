package dev.tally.publish;

import dev.tally.message.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The messages of one transaction, and what becomes of them:
 *
 * <ol>
 *   <li>until the commit begins they are collected; a rolled back savepoint takes its own with it;
 *   <li>before the commit, after everybody else's {@code beforeCommit}, pending changes are flushed, who deferred messages
 *       is asked for them, and each path gets its messages in one call; one that is published later than that is handed
 *       over at once;
 *   <li>after completion each {@link Settlement} is told once.
 * </ol>
 *
 * <p>A rollback that Spring reports once the commit was under way may be none: where the answer to {@code COMMIT} is lost
 * and the connection lives on, transaction managers roll back, which does nothing any more, and report that. Such an end
 * is told as unknown, so that the database decides.
 *
 * <p>A commit that is broken off before it reaches the messages must be a rollback. Where a {@code beforeCommit} throws one
 * of Spring's transaction exceptions, transaction managers take it for the commit's own failure and do not roll back; the
 * connection goes back to its pool, which commits what was written, without its messages. So it is rolled back here.
 *
 * <p>Confined to the transaction's thread.
 */
final class TransactionBuffer implements TransactionSynchronization {

    static final String TOO_LATE = "the transaction has already ended, and what is written now would not be committed."
            + " Publish before the commit, or in a new transaction (REQUIRES_NEW)";

    private static final Logger log = LoggerFactory.getLogger(TransactionBuffer.class);

    private final Object resourceKey;
    private final List<PendingChanges> pendingChanges;
    private final PublishListener listener;
    private final BooleanSupplier rollBack;
    private final Deque<SavepointMark> savepoints = new ArrayDeque<>();
    private final List<Settlement> settlements = new ArrayList<>();
    private final List<Settlement> undone = new ArrayList<>();
    private final List<BufferedMessage> collected = new ArrayList<>();
    private final List<Supplier<List<BufferedMessage>>> deferred = new ArrayList<>();

    private boolean handedOver;
    private boolean commitMayHaveBegun;
    private boolean ended;
    private boolean completed;
    private int count;

    /**
     * Creates an empty one.
     *
     * @param rollBack rolls back what the transaction wrote, and tells whether it could
     * @param handOverAtOnce whether the commit has begun, and nobody would ask for messages any more
     */
    TransactionBuffer(
            Object resourceKey,
            List<PendingChanges> pendingChanges,
            PublishListener listener,
            BooleanSupplier rollBack,
            boolean handOverAtOnce) {
        this.resourceKey = resourceKey;
        this.pendingChanges = pendingChanges;
        this.listener = listener;
        this.rollBack = rollBack;
        this.handedOver = handOverAtOnce;
        this.commitMayHaveBegun = handOverAtOnce;
    }

    /** @param late whether {@code beforeCompletion} is not yet the end: for who is called from within the commit */
    void assertOpen(String refusal, boolean late) {
        if (late ? completed : ended) {
            throw new IllegalTransactionStateException(refusal + TOO_LATE);
        }
    }

    /** Asked for messages before the commit, and whenever {@link #handOverDeferred} is called. */
    void defer(Supplier<List<BufferedMessage>> source) {
        deferred.add(source);
    }

    /** Hands over what is deferred, and what was collected where the transaction's end was not announced. */
    void handOverDeferred(String refusal) {
        assertOpen(refusal, true);
        handOverAll();
    }

    void add(BufferedMessage message) {
        if (handedOver) {
            handOver(List.of(message));
        } else {
            collected.add(message);
        }
        count++;
    }

    /** Last of all, so that messages published in another's {@code beforeCommit} are still collected. */
    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }

    @Override
    public void suspend() {
        TransactionSynchronizationManager.unbindResource(resourceKey);
    }

    @Override
    public void resume() {
        TransactionSynchronizationManager.bindResource(resourceKey, this);
    }

    @Override
    public void savepoint(Object savepoint) {
        savepoints.push(new SavepointMark(savepoint, collected.size(), settlements.size(), count));
    }

    @Override
    public void savepointRollback(Object savepoint) {
        // One that is not known was made before the first message.
        SavepointMark mark = new SavepointMark(savepoint, 0, 0, 0);
        while (!savepoints.isEmpty()) {
            SavepointMark latest = savepoints.pop();
            if (latest.savepoint == savepoint) {
                mark = latest;
                // The savepoint itself survives, and may be rolled back to again.
                savepoints.push(latest);
                break;
            }
        }
        if (handedOver && mark.collected > 0) {
            throw CommitRefusedException.insteadOf(new IllegalTransactionStateException(
                    "Cannot roll back to a savepoint from before the commit began: " + mark.collected
                            + " messages published before it are already written after it"));
        }
        int dropped = count - mark.count;
        truncate(collected, mark.collected);
        undone.addAll(settlements.subList(mark.settlements, settlements.size()));
        truncate(settlements, mark.settlements);
        count = mark.count;
        if (dropped > 0) {
            log.debug("messages dropped with their savepoint count={} left={}", dropped, count);
            observe(l -> l.rolledBack(dropped));
        }
    }

    @Override
    public void beforeCommit(boolean readOnly) {
        // Entity listeners may publish while changes are flushed: collected until that is over.
        try {
            pendingChanges.forEach(PendingChanges::flush);
            handOverAll();
        } catch (TransactionException e) {
            throw new CommitRefusedException(
                    "Cannot commit " + TransactionalMessagePublisher.transaction() + ": " + e.getMessage()
                            + "; it rolls back",
                    e);
        }
    }

    private void handOverAll() {
        for (Supplier<List<BufferedMessage>> source : deferred) {
            List<BufferedMessage> messages = source.get();
            collected.addAll(messages);
            count += messages.size();
        }
        handedOver = true;
        List<BufferedMessage> messages = List.copyOf(collected);
        collected.clear();
        handOver(messages);
        commitMayHaveBegun = true;
    }

    private void handOver(List<BufferedMessage> messages) {
        Map<Via, List<Message>> byVia = new EnumMap<>(Via.class);
        Map<Via, PublishingPath> paths = new EnumMap<>(Via.class);
        for (BufferedMessage message : messages) {
            byVia.computeIfAbsent(message.via(), via -> new ArrayList<>()).add(message.message());
            paths.put(message.via(), message.path());
        }
        // The outbox last: its ids hold up the later ones of their keys until the commit, and half messages take a
        // network round trip.
        for (Via via : List.of(Via.HALF_MESSAGE, Via.OUTBOX)) {
            PublishingPath path = paths.get(via);
            List<Message> ofPath = byVia.get(via);
            if (path != null && ofPath != null) {
                settlements.add(path.prepare(List.copyOf(ofPath)));
            }
        }
    }

    @Override
    public void beforeCompletion() {
        ended = true;
    }

    @Override
    public void afterCompletion(int reported) {
        int status = reported != STATUS_COMMITTED && isBrokenOff() ? statusAfterRollback() : reported;
        ended = true;
        completed = true;
        TransactionSynchronizationManager.unbindResourceIfPossible(resourceKey);
        undone.forEach(settlement -> settle(settlement, Settlement::rolledBack, "rolled back"));
        switch (status) {
            case STATUS_COMMITTED -> {
                reportForgotten();
                settlements.forEach(settlement -> settle(settlement, Settlement::committed, "committed"));
                observe(l -> l.committed(count - collected.size()));
            }
            case STATUS_ROLLED_BACK -> {
                if (commitMayHaveBegun) {
                    endedUnknown();
                } else {
                    settlements.forEach(settlement -> settle(settlement, Settlement::rolledBack, "rolled back"));
                    observe(l -> l.rolledBack(count));
                }
            }
            default -> endedUnknown();
        }
    }

    /** Whether the commit ended before it came to the messages, and without the end that a rollback announces. */
    private boolean isBrokenOff() {
        return !ended && !handedOver;
    }

    private int statusAfterRollback() {
        log.warn(
                "a beforeCommit threw one of Spring's transaction exceptions, for which transaction managers do not roll"
                        + " back; rolling back name={}",
                TransactionSynchronizationManager.getCurrentTransactionName());
        return rollBack.getAsBoolean() ? STATUS_ROLLED_BACK : STATUS_UNKNOWN;
    }

    private void endedUnknown() {
        settlements.forEach(settlement -> settle(settlement, Settlement::unknown, "ended unknown"));
        observe(l -> l.unknown(count));
    }

    /** A message that was first published after the commit, in a way that {@link TransactionPhase} did not see, for want of a mark. */
    private void reportForgotten() {
        if (!collected.isEmpty()) {
            log.error(
                    "messages were published after their transaction's commit and are lost messageIds={}; publish before"
                            + " the commit, or in a new transaction (REQUIRES_NEW)",
                    collected.stream().map(message -> message.message().id()).toList());
        }
    }

    private static void settle(Settlement settlement, Consumer<Settlement> end, String outcome) {
        try {
            end.accept(settlement);
        } catch (RuntimeException e) {
            log.error("a path failed after its transaction {}; the outcome of the transaction stands", outcome, e);
        }
    }

    private void observe(Consumer<PublishListener> event) {
        try {
            event.accept(listener);
        } catch (RuntimeException e) {
            log.warn("a publish listener failed", e);
        }
    }

    private static void truncate(List<?> list, int size) {
        list.subList(size, list.size()).clear();
    }

    private record SavepointMark(Object savepoint, int collected, int settlements, int count) {}
}
