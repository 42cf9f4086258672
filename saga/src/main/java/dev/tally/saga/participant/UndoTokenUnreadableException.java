package dev.tally.saga.participant;

import dev.tally.message.TallyException;

/**
 * The token that an action left is not what its compensation takes; the two have come apart.
 *
 * @since 0.1
 */
public final class UndoTokenUnreadableException extends TallyException {

    UndoTokenUnreadableException(String message) {
        super("TALLY-SAGA-UNDO-TOKEN-UNREADABLE", message);
    }
}
