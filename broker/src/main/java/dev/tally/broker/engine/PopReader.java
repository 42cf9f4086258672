package dev.tally.broker.engine;

import dev.tally.broker.log.CommitLog;
import dev.tally.broker.pop.LeaseEntry;
import dev.tally.broker.pop.PopKey;
import dev.tally.broker.pop.PopTable;
import dev.tally.broker.pop.PopTable.Readiness;
import dev.tally.broker.queue.QueueIndex;
import dev.tally.broker.store.EndedPop;
import dev.tally.broker.store.PopCall;
import dev.tally.broker.store.PopReceipt;
import dev.tally.broker.store.Popped;
import dev.tally.broker.store.ReadResult;
import dev.tally.broker.store.StoredMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Pops. One at a time for each group and queue:
 *
 * <ol>
 *   <li>Take the turn; where another pop of the group is between its read and its record, there is nothing to take.
 *   <li>In order: what is not done comes first, again. Nothing comes while a message is still with a consumer.
 *   <li>Read on from where the last pop ended.
 *   <li>Write what was taken; with that it is invisible to the others. Give the turn back.
 * </ol>
 */
final class PopReader {

    /** How often one pop reads on while the filter refuses everything. */
    private static final int FILTER_ROUNDS = 32;

    private final CommitLog log;
    private final StoreState state;
    private final MessageReader reader;

    PopReader(CommitLog log, StoreState state, MessageReader reader) {
        this.log = log;
        this.state = state;
        this.reader = reader;
    }

    /** What one pop reads, before it is written. */
    static final class Taking {
        final List<StoredMessage> messages = new ArrayList<>();

        /** What is handed out again; these messages come first. */
        final List<LeaseEntry> again = new ArrayList<>();

        /** What cannot be handed out again: retention removed it. */
        final List<Long> gone = new ArrayList<>();

        long next;
        long rest;
        private long bytes;

        private boolean room(PopCall call) {
            return messages.size() < call.maxMessages() && (messages.isEmpty() || bytes < call.maxBytes());
        }

        private void add(StoredMessage message) {
            messages.add(message);
            bytes += message.payload().remaining();
        }
    }

    CompletableFuture<Popped> pop(PopCall call) {
        PopKey key = new PopKey(call.group(), call.topic(), call.queueId());
        PopTable.Turn turn = state.pops.take(
                key, call.ordered(), call.attemptId(), call.atMillis(), progress -> begin(key, call, progress));
        if (turn.readiness() != Readiness.READY) {
            return CompletableFuture.completedFuture(
                    Popped.nothing(turn.readiness() == Readiness.BLOCKED ? 0 : unread(key)));
        }
        boolean submitted = false;
        try {
            Taking taking = read(call, turn);
            if (taking.messages.isEmpty() && taking.gone.isEmpty() && taking.next == turn.next()) {
                return CompletableFuture.completedFuture(Popped.nothing(taking.rest));
            }
            PopWrite write = new PopWrite(state, key, call, turn, taking);
            submitted = true;
            log.submit(write);
            return write.answer();
        } finally {
            if (!submitted) {
                state.pops.release(key);
            }
        }
    }

    /** From where on a group reads whose progress is that, or which has none. */
    private long begin(PopKey key, PopCall call, long progress) {
        QueueIndex queue = state.queues.find(key.topic(), key.queueId());
        long first = queue == null ? 0 : queue.first();
        long end = queue == null ? 0 : queue.next();
        if (progress >= 0) {
            return Math.min(progress, end);
        }
        return call.fromFirst() || first == 0 ? first : Math.max(first, end - 1);
    }

    private Taking read(PopCall call, PopTable.Turn turn) {
        Taking taking = new Taking();
        taking.next = turn.next();
        boolean all = true;
        for (LeaseEntry lease : turn.again()) {
            all &= taking.room(call);
            if (all) {
                readAgain(call, lease, taking);
            }
        }
        QueueIndex queue = state.queues.find(call.topic(), call.queueId());
        if (queue == null) {
            return taking;
        }
        if (all) {
            readOn(call, queue, taking);
        }
        taking.rest = Math.max(0, queue.next() - taking.next);
        return taking;
    }

    private void readAgain(PopCall call, LeaseEntry lease, Taking taking) {
        ReadResult found =
                reader.read(call.topic(), call.queueId(), lease.offset(), 1, Integer.MAX_VALUE, tagsHash -> true, null);
        List<StoredMessage> messages = found.messages();
        if (messages.isEmpty() || messages.get(0).queueOffset() != lease.offset()) {
            taking.gone.add(lease.offset());
        } else {
            taking.again.add(lease);
            taking.add(messages.get(0));
        }
    }

    private void readOn(PopCall call, QueueIndex queue, Taking taking) {
        for (int round = 0; round < FILTER_ROUNDS && taking.room(call); round++) {
            long from = Math.max(taking.next, queue.first());
            ReadResult found = reader.read(
                    call.topic(),
                    call.queueId(),
                    from,
                    call.maxMessages() - taking.messages.size(),
                    (int) Math.max(1, call.maxBytes() - taking.bytes),
                    call.tagFilter(),
                    call.payloadFilter());
            if (found.nextOffset() <= taking.next) {
                return;
            }
            taking.next = found.nextOffset();
            found.messages().forEach(taking::add);
        }
    }

    private long unread(PopKey key) {
        QueueIndex queue = state.queues.find(key.topic(), key.queueId());
        long end = queue == null ? 0 : queue.next();
        return Math.max(
                0,
                end - state.offsets.get(key.group(), key.topic(), key.queueId()).orElse(end));
    }

    boolean poppable(PopKey key, boolean ordered, String attemptId) {
        QueueIndex queue = state.queues.find(key.topic(), key.queueId());
        if (queue == null || state.pops.readiness(key, ordered, attemptId) != Readiness.READY) {
            return false;
        }
        return (ordered && state.pops.size(key) > 0) || state.pops.next(key, queue.first()) < queue.next();
    }

    List<EndedPop> pollEnded(int max) {
        return state.pops.pollEnded(max).stream()
                .map(ended -> new EndedPop(
                        new PopReceipt(
                                ended.key().group(),
                                ended.key().topic(),
                                ended.key().queueId(),
                                ended.lease().offset(),
                                ended.lease().popMillis()),
                        ended.ordered()))
                .toList();
    }
}
