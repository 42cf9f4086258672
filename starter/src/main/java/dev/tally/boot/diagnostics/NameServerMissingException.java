package dev.tally.boot.diagnostics;

import dev.tally.message.TallyException;

/**
 * There is no broker to send to; start-up ends.
 *
 * @since 0.1
 */
public class NameServerMissingException extends TallyException {

    /** Creates the exception. */
    public NameServerMissingException() {
        super(
                "TALLY-NAME-SERVER-MISSING",
                "Cannot start the RocketMQ transport: rocketmq.name-server is not set, and there is no broker inside the"
                        + " application");
    }
}
