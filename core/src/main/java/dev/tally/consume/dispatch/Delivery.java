package dev.tally.consume.dispatch;

import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;

/**
 * A delivery of a transport that is waiting to be handled.
 *
 * @since 0.1
 */
public interface Delivery {

    /** What was delivered; constant. */
    ReceivedMessage received();

    /**
     * Told once what became of it, on the thread that handled it: the transport acknowledges, gives back or
     * dead-letters. Not called for what a queue still held when it was revoked: that is delivered again, to its next
     * owner. Must not throw, and must not block for long.
     */
    void settled(DeliveryOutcome outcome);
}
