package dev.tally.publish;

import dev.tally.message.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The messages of one transaction, and what becomes of them:
 *
 * <ol>
 *   <li>until the commit begins they are collected; a rolled back savepoint takes its own with it;
 *   <li>before the commit, after everybody else's {@code beforeCommit}, pending changes are flushed and each path gets
 *       its messages in one call; one that is published later than that is handed over at once;
 *   <li>after completion each {@link Settlement} is told once.
 * </ol>
 *
 * <p>A rollback that Spring reports once the commit was under way may be none: where the answer to {@code COMMIT} is lost
 * and the connection lives on, transaction managers roll back, which does nothing any more, and report that. Such an end
 * is told as unknown, so that the database decides.
 *
 * Confined to the transaction's thread.
 */
final class TransactionBuffer implements TransactionSynchronization {

    static final String TOO_LATE = "the transaction has already ended, and what is written now would not be committed."
            + " Publish before the commit, or in a new transaction (REQUIRES_NEW)";

    private static final Logger log = LoggerFactory.getLogger(TransactionBuffer.class);

    private final Object resourceKey;
    private final List<PendingChanges> pendingChanges;
    private final PublishListener listener;
    private final Deque<SavepointMark> savepoints = new ArrayDeque<>();
    private final List<Settlement> settlements = new ArrayList<>();
    private final List<Settlement> undone = new ArrayList<>();
    private final List<BufferedMessage> collected = new ArrayList<>();

    private boolean handedOver;
    private boolean commitMayHaveBegun;
    private boolean ended;
    private int count;

    TransactionBuffer(
            Object resourceKey, List<PendingChanges> pendingChanges, PublishListener listener, boolean handOverAtOnce) {
        this.resourceKey = resourceKey;
        this.pendingChanges = pendingChanges;
        this.listener = listener;
        this.handedOver = handOverAtOnce;
        this.commitMayHaveBegun = handOverAtOnce;
    }

    void assertOpen(String refusal) {
        if (ended) {
            throw new IllegalTransactionStateException(refusal + TOO_LATE);
        }
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
            throw new IllegalTransactionStateException("Cannot roll back to a savepoint from before the commit began: "
                    + mark.collected + " messages published before it are already written after it");
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
        pendingChanges.forEach(PendingChanges::flush);
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
    public void afterCompletion(int status) {
        ended = true;
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
