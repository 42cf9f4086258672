package dev.tally.consume;

import dev.tally.message.MessageId;
import dev.tally.message.TallyException;
import java.time.Duration;
import java.time.Instant;

/**
 * A message is older than the inbox remembers, so nobody can tell whether it has been handled. It is dead-lettered at once;
 * a forced replay has it handled.
 *
 * @since 0.1
 */
public final class ForgottenMessageException extends TallyException {

    ForgottenMessageException(MessageId id, Instant storedAt, Duration retention) {
        super(
                "TALLY-FORGOTTEN",
                "Cannot handle message " + id + ": it was stored at " + storedAt + ", longer ago than the inbox"
                        + " remembers (" + retention + "), so nobody can tell whether it has been handled; it is"
                        + " dead-lettered, and a forced replay has it handled");
    }
}
