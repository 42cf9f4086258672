package dev.tally.boot.diagnostics;

import dev.tally.message.TallyException;
import java.time.Duration;

/**
 * The inbox would forget messages that may still come again, and they would take effect a second time; start-up ends.
 *
 * @since 0.1
 */
public final class InboxRetentionTooShortException extends TallyException {

    InboxRetentionTooShortException(Duration retention, String transport, Duration horizon) {
        super(
                "TALLY-INBOX-RETENTION",
                "Cannot start: the inbox remembers messages for " + retention + " (tally.jdbc.inbox-retention), and"
                        + " transport '" + transport + "' may deliver one again for " + horizon + " (tally." + transport
                        + ".redelivery-horizon); one that came after it was forgotten would take effect a second time");
    }
}
