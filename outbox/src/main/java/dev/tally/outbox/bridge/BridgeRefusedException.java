package dev.tally.outbox.bridge;

import dev.tally.message.TallyException;

/**
 * A bridge cannot work as it is configured, or with the table that it finds. Nothing was taken.
 *
 * @since 0.1
 */
public class BridgeRefusedException extends TallyException {

    /** Creates the exception with a message that names the bridge, what was found, and what to do. */
    public BridgeRefusedException(String message) {
        super("TALLY-BRIDGE-REFUSED", message);
    }

    /** Creates the exception with a message that names the bridge, what was found, and what to do, and its cause. */
    public BridgeRefusedException(String message, Throwable cause) {
        super("TALLY-BRIDGE-REFUSED", message, cause);
    }
}
