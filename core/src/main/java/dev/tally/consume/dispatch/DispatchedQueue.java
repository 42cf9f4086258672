package dev.tally.consume.dispatch;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * One queue (partition) of a transport, for as long as it is this member's. Thread-safe.
 *
 * @since 0.1
 */
public final class DispatchedQueue {

    private final KeyedDispatcher dispatcher;
    private final String name;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private int waiting;
    private int running;
    private boolean revoked;

    DispatchedQueue(KeyedDispatcher dispatcher, String name) {
        this.dispatcher = dispatcher;
        this.name = name;
    }

    /** The name, for people. */
    public String name() {
        return name;
    }

    /**
     * Hands deliveries over, in the queue's order. Never blocks; what comes after {@link #revoke} is dropped.
     */
    public void offer(List<? extends Delivery> deliveries) {
        dispatcher.offer(this, deliveries);
    }

    /** Whether less than a window of it is here; otherwise the transport should wait before it hands over more. */
    public boolean wantsMore() {
        return dispatcher.wantsMore(this);
    }

    /** How many of its deliveries are here and not settled. */
    public int open() {
        return dispatcher.openOf(this);
    }

    /**
     * The queue goes to another member: no further handler begins, and what waits is dropped without a word.
     *
     * @return done when its running handlers have ended and are settled
     */
    public CompletableFuture<Void> revoke() {
        return dispatcher.revoke(this);
    }

    // What follows is guarded by the dispatcher.

    boolean isRevoked() {
        return revoked;
    }

    int held() {
        return waiting + running;
    }

    void arrived(int deliveries) {
        waiting += deliveries;
    }

    void began() {
        waiting--;
        running++;
    }

    void cameBack() {
        waiting++;
        running--;
    }

    void left() {
        running--;
    }

    CompletableFuture<Void> revoked(int dropped) {
        revoked = true;
        waiting -= dropped;
        return ended;
    }

    /** Whether its last running handler has ended after it was revoked. */
    boolean hasEnded() {
        return revoked && running == 0;
    }

    void complete() {
        ended.complete(null);
    }
}
