package dev.tally.broker.store;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Consuming by pop: messages are handed out one by one, each for a time, and are done one by one. Who has which message
 * is part of the log. Thread-safe.
 *
 * @since 0.1
 */
public interface PopStore {

    /**
     * Hands out messages of a queue. Completes when the log says so; a kill takes nothing of it, and what a power cut
     * takes of it is handed out again. Reads from disk.
     *
     * <p>The group's progress is the first offset that is not done; who commits progress by {@link MessageStore#commitOffset} ends all
     * deliveries of the queue to the group, and it goes on from there.
     */
    CompletableFuture<Popped> pop(PopCall call);

    /** Whether a pop may find something in a queue now: it has messages, and nothing stands in the way. */
    boolean poppable(String group, String topic, int queueId, boolean ordered, String attemptId);

    /**
     * Acknowledges deliveries: their messages are not delivered to the group again. The list is atomic.
     *
     * @return for each whether its message is done by this delivery; {@code false} for one that is over, whose message was
     *     or will be delivered again, or that never was
     */
    CompletableFuture<List<Boolean>> acknowledge(List<PopReceipt> receipts);

    /**
     * Lets a delivery end at another time: so long from now. It has another receipt from then on, and the old one is over.
     *
     * @return the new one's identity, {@code null} where the delivery was over
     */
    CompletableFuture<@Nullable PopExtension> extendPop(PopReceipt receipt, long invisibleMillis);

    /**
     * Deliveries whose time is over, the oldest first. One of a group that does not consume in order is to be ended by
     * {@link #endPop}; until then it is told again every few seconds.
     */
    List<EndedPop> pollEndedPops(int max);

    /**
     * Ends a delivery whose time is over, together with the appending of its message's copy, which is there if and only
     * if the delivery was not acknowledged.
     *
     * @param copy what is delivered in its place, {@code null} where the message is gone
     * @return whether it was ended by this
     */
    CompletableFuture<Boolean> endPop(PopReceipt receipt, @Nullable NewMessage copy);

    /** How many messages are handed out and not done. */
    int poppedInFlight();

    /** How many messages of a queue are handed out to a group and not done. */
    int poppedInFlight(String group, String topic, int queueId);

    /** How a group's clients get a topic's messages, {@code null} where nobody said. */
    @Nullable RequestMode requestMode(String group, String topic);

    /** Sets how a group's clients get a topic's messages. */
    CompletableFuture<RequestMode> saveRequestMode(RequestMode mode);
}
