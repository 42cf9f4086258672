package dev.tally.transport.redis;

import dev.tally.consume.dispatch.Delivery;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;

/** An entry that was read, until it is settled. Thread-safe. */
final class StreamDelivery implements Delivery {

    /** Where deliveries end, and what they depend on. */
    interface Origin {

        /** Whether its handler may begin. */
        boolean holds();

        void settled(StreamDelivery delivery, DeliveryOutcome outcome);

        /** An attempt failed, beyond those that the server knows of. */
        void failed(StreamDelivery delivery, int attempts);
    }

    private final String id;
    private final ReceivedMessage received;
    private final Origin origin;
    private volatile int attempts;

    /**
     * Creates it.
     *
     * @param id the entry's
     */
    StreamDelivery(String id, ReceivedMessage received, Origin origin) {
        this.id = id;
        this.received = received;
        this.origin = origin;
        this.attempts = received.attempt() - 1;
    }

    String id() {
        return id;
    }

    @Override
    public ReceivedMessage received() {
        return received;
    }

    Origin origin() {
        return origin;
    }

    /** How many attempts have begun that count. */
    int attempts() {
        return attempts;
    }

    void began(int attempt) {
        attempts = attempt;
    }

    void didNotCount(int attempt) {
        attempts = attempt - 1;
    }

    void failed(int attempt) {
        if (attempt > received.attempt()) {
            origin.failed(this, attempt);
        }
    }

    @Override
    public void settled(DeliveryOutcome outcome) {
        origin.settled(this, outcome);
    }
}
