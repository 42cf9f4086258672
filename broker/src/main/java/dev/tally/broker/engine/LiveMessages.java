package dev.tally.broker.engine;

import dev.tally.broker.queue.MessageRef;
import dev.tally.broker.queue.QueueIndex;
import dev.tally.broker.queue.QueuePage;
import dev.tally.broker.retention.ConsumedOffsets;
import dev.tally.broker.retention.Relocations;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What is still needed of the log before a position: undecided and scheduled messages, and those that a consumer group
 * has not consumed and whose topic keeps them for it.
 */
final class LiveMessages {

    /** About what a record takes beside its payload. */
    private static final int OVERHEAD_BYTES = 160;

    private final StoreState state;
    private final ConsumedOffsets consumed;

    LiveMessages(StoreState state) {
        this.state = state;
        this.consumed = ConsumedOffsets.of(state.offsets);
    }

    /** Takes one message that is needed. */
    @FunctionalInterface
    interface Visitor {

        /**
         * Takes one.
         *
         * @param position what identifies it
         * @param location where its record stands now
         * @param queueOffset where it is visible, {@code -1} where it is not
         * @param bytes about what its record takes
         */
        void needed(long position, long location, long queueOffset, int bytes);
    }

    /** The offset from which a queue's messages are needed when the log is to begin at {@code boundary}. */
    long keepFrom(QueueIndex queue, long boundary) {
        long stays = queue.search((position, visibleBy) -> visibleBy < boundary);
        long unconsumed = state.keepsUnconsumed(queue.topic())
                ? consumed.of(queue.topic(), queue.queueId(), queue.first())
                : Long.MAX_VALUE;
        return Math.max(queue.first(), Math.min(stays, unconsumed));
    }

    /** Visits what is needed and stands before {@code boundary}. */
    void forEachBefore(long boundary, Visitor visitor) {
        // Gathered first: the tables are locked while they are walked through, and a visitor may wait for the writer.
        for (MessageRef waiting : waitingBefore(boundary)) {
            visit(boundary, waiting.position(), -1, waiting.payloadBytes(), visitor);
        }
        state.queues.forEach(queue -> visit(queue, boundary, visitor));
    }

    private void visit(QueueIndex queue, long boundary, Visitor visitor) {
        long offset = keepFrom(queue, boundary);
        for (QueuePage page = queue.page(offset); page != null; page = queue.page(offset)) {
            for (; offset < page.end(); offset++) {
                if (!page.isEmpty(offset)) {
                    visit(boundary, page.position(offset), offset, page.payloadBytes(offset), visitor);
                }
            }
        }
    }

    private List<MessageRef> waitingBefore(long boundary) {
        List<MessageRef> waiting = new ArrayList<>();
        Relocations relocations = state.relocations;
        Consumer<MessageRef> gather = message -> {
            if (message.position() < boundary && relocations.locationOf(message.position()) < boundary) {
                waiting.add(message);
            }
        };
        state.halves.forEach(half -> gather.accept(half.message()));
        state.timers.forEach(delayed -> gather.accept(delayed.message()));
        return waiting;
    }

    private void visit(long boundary, long position, long queueOffset, int payloadBytes, Visitor visitor) {
        if (position >= boundary) {
            return;
        }
        long location = state.relocations.locationOf(position);
        if (location < boundary) {
            visitor.needed(position, location, queueOffset, payloadBytes + OVERHEAD_BYTES);
        }
    }
}
