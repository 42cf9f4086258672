package dev.tally.consume;

import dev.tally.message.MessageId;
import dev.tally.message.TallyException;

/** A dead letter that was replayed still cannot be read, or is still not valid. */
final class InvalidReplayException extends TallyException {

    InvalidReplayException(MessageId id, String reason) {
        super("TALLY-REPLAY", "Cannot replay dead letter " + id + ": " + reason + "; it stays");
    }
}
