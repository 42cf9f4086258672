package dev.tally.outbox.change;

import dev.tally.message.TallyException;

/**
 * Entities are annotated with {@link PublishChanges} whose changes could not be published as promised; start-up ends. The
 * message lists all faults.
 *
 * @since 0.1
 */
public class InvalidChangePublicationException extends TallyException {

    /** @param message what is wrong, entity by entity */
    public InvalidChangePublicationException(String message) {
        super("TALLY-CHANGES-INVALID", message);
    }
}
