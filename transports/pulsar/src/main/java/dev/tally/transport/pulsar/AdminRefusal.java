package dev.tally.transport.pulsar;

import dev.tally.transport.TransportException;

/** Pulsar's administration has answered, and not done what was asked. */
final class AdminRefusal extends TransportException {

    private static final int NOT_FOUND = 404;

    private final int status;

    AdminRefusal(int status, String message) {
        super(message);
        this.status = status;
    }

    /** Whether the topic or the subscription is not there. */
    boolean isMissing() {
        return status == NOT_FOUND;
    }
}
