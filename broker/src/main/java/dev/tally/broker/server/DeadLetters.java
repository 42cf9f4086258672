package dev.tally.broker.server;

import dev.tally.broker.protocol.MessageEncoding;
import dev.tally.broker.protocol.PropertyNames;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.ReadResult;
import dev.tally.broker.store.StoredMessage;
import dev.tally.broker.topic.GroupTopics;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Moves each message to a group's dead letters once. A consumer that does not hear that its message was moved, because
 * the broker or the connection died, sends it back again: that finds the move done. A dead letter names the position of
 * the message that it was moved from, so a broker that starts knows the latest moves from the dead letters themselves.
 * Thread-safe.
 */
final class DeadLetters {

    private static final int REMEMBERED = 1024;
    private static final int READ_BYTES = 1024 * 1024;

    private final MessageStore store;
    private final Map<String, Moves> byGroup = new HashMap<>();

    DeadLetters(MessageStore store) {
        this.store = store;
    }

    /** The latest moves of a group by the position of their message, done or under way. */
    private static final class Moves extends LinkedHashMap<Long, CompletableFuture<Void>> {
        private static final long serialVersionUID = 1L;

        private boolean loaded;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, CompletableFuture<Void>> eldest) {
            return size() > REMEMBERED && eldest.getValue().isDone();
        }
    }

    /**
     * Moves a message unless it was moved before. May read from disk.
     *
     * @param position the position of the message
     * @param append appends the dead letter; called at most once
     * @return completes when the dead letter is durable
     */
    CompletableFuture<Void> moveOnce(String group, long position, Supplier<CompletableFuture<?>> append) {
        Moves moves = movesOf(group);
        CompletableFuture<Void> move = new CompletableFuture<>();
        synchronized (moves) {
            load(group, moves);
            CompletableFuture<Void> before = moves.putIfAbsent(position, move);
            if (before != null) {
                return before;
            }
        }
        var unused = CompletableFuture.completedFuture(position)
                .thenCompose(now -> append.get())
                .whenComplete((appended, failure) -> {
                    if (failure == null) {
                        move.complete(null);
                    } else {
                        synchronized (moves) {
                            moves.remove(position);
                        }
                        move.completeExceptionally(failure);
                    }
                });
        return move;
    }

    private synchronized Moves movesOf(String group) {
        return byGroup.computeIfAbsent(group, g -> new Moves());
    }

    private void load(String group, Moves moves) {
        if (moves.loaded) {
            return;
        }
        String topic = GroupTopics.deadLetter(group);
        long end = store.maxOffset(topic, 0);
        long next = Math.max(store.minOffset(topic, 0), end - REMEMBERED);
        while (next < end) {
            ReadResult found = store.read(topic, 0, next, REMEMBERED, READ_BYTES, hash -> true);
            if (found.nextOffset() <= next) {
                break;
            }
            found.messages().forEach(letter -> note(letter, moves));
            next = found.nextOffset();
        }
        moves.loaded = true;
    }

    private static void note(StoredMessage letter, Moves moves) {
        String source = MessageEncoding.decode(letter.payload()).properties().get(PropertyNames.DEAD_LETTER_SOURCE);
        if (source != null) {
            moves.put(Long.parseLong(source), CompletableFuture.completedFuture(null));
        }
    }
}
