package dev.tally.outbox.operations;

import java.util.Locale;

/**
 * Why a row of the outbox is not delivered yet. Where several fit, the first of these is told.
 *
 * @since 0.1
 */
public enum WaitReason {
    /** It was given up and waits for a person. */
    PARKED("look at it with /actuator/tallyoutbox/parked: then edit, resume or discard it"),
    /** It waits behind a parked message of its key, by {@link dev.tally.outbox.PoisonPolicy#BLOCK}. */
    BLOCKED("resume or discard the parked message of its key; those behind it then go out by themselves"),
    /** A person has paused the outbox. */
    PAUSED("end the pause when what it was made for is done"),
    /** No living node keeps it: its node is gone, and no other runs or has taken it over. */
    NO_OWNER("start an instance with a relay on this database, or find out why none runs"),
    /** The node that keeps it sends nothing, because its sends failed one after the other. */
    TRANSPORT_DOWN("bring the broker back, or the way to it; the backlog then goes out by itself"),
    /** Sending it has failed, or sending a message of its key before it, and is tried again until it is parked. */
    POISONED("look at the row's last error; after the last attempt it is parked and its key goes on, or waits as well"),
    /** It waits for its turn. */
    BACKLOG("more is published than is sent: look at the broker's speed, add instances, or wait for the peak's end");

    private final String advice;

    WaitReason(String advice) {
        this.advice = advice;
    }

    /** What a person can do about it. */
    public String advice() {
        return advice;
    }

    /** The name in tags and properties, for instance {@code no-owner}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
