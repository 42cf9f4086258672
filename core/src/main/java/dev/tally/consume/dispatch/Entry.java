package dev.tally.consume.dispatch;

import dev.tally.transport.ReceivedMessage;

/** A delivery here. Guarded by {@link KeyedDispatcher}. */
final class Entry {

    private final Delivery delivery;
    private final DispatchedQueue queue;
    private final long since;
    private int failures;
    private int rests;

    Entry(Delivery delivery, DispatchedQueue queue, long since) {
        this.delivery = delivery;
        this.queue = queue;
        this.since = since;
    }

    Delivery delivery() {
        return delivery;
    }

    DispatchedQueue queue() {
        return queue;
    }

    /** When it came, by the dispatcher's clock. */
    long since() {
        return since;
    }

    /** As the handler is to see it: attempts made here count. */
    ReceivedMessage received() {
        return delivery.received().after(failures);
    }

    int attempt() {
        return delivery.received().attempt() + failures;
    }

    /** How often it has been put off, for whatever reason. */
    int rests() {
        return rests;
    }

    /** It failed, which counts. */
    void failed() {
        failures++;
        rests++;
    }

    /** It could not be tried. */
    void postponed() {
        rests++;
    }
}
