package dev.tally.broker.receive;

import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.PopRequest;

/** Somebody who waits for messages to pop. */
interface PopWaiting {

    Connection connection();

    PopRequest wanted();

    /** Whether it takes messages; one that only wants to know of them leaves them for others. */
    boolean takes();

    /** Something arrived, or may have: look again. Called on a thread that may read. */
    void lookAgain();

    /** The time is up, or the connection is gone: answer with nothing. */
    void giveUp();
}
